"""Bars of scores as a picture in SVG, without a library for plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

__all__ = ["Plot", "bars"]

LEFT, ROW, BAR, WIDTH, TOP = 170, 24, 12, 360, 44  # pixels
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#777}.title{font-weight:600}.bar{fill:#cf4307}"
    ".interval{stroke:#777;stroke-width:1.5}.mark{stroke:#1b6ec2;stroke-width:2.5}.axis{stroke:#8886}"
)


@dataclass(frozen=True)
class Plot:
    """A picture: shown by a notebook, or saved to a file."""

    svg: str

    def save(self, path: Path | str) -> None:
        """Write the SVG file. Raises OSError."""
        Path(path).write_text(self.svg, "utf-8")

    def _repr_svg_(self) -> str:
        return self.svg


def bars(
    scores: Mapping[str, float],
    *,
    title: str,
    intervals: Mapping[str, tuple[float, float]] | None = None,
    marks: Mapping[str, float] | None = None,
    marks_are: str = "",
) -> Plot:
    """A bar from 0 to 100 for each score, with its interval as a thin line and a mark, such as a baseline."""
    parts = [f'<text class="title" x="10" y="22">{escape(title)}</text>']
    for number, (name, score) in enumerate(scores.items()):
        y = TOP + number * ROW
        middle = y + BAR / 2
        parts.append(f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="bar" x="{LEFT}" y="{y}" width="{_x(score) - LEFT:.1f}" height="{BAR}"/>')
        if intervals:
            low, high = intervals[name]
            parts.append(_line("interval", _x(low), middle, _x(high), middle))
        if marks and name in marks:
            parts.append(_line("mark", _x(marks[name]), y - 3, _x(marks[name]), y + BAR + 3))
        parts.append(f'<text x="{LEFT + WIDTH + 10}" y="{middle + 4}">{score:.2f}</text>')
    bottom = TOP + len(scores) * ROW
    parts += [_line("axis", _x(at), TOP - 8, _x(at), bottom) for at in (0, 50, 100)]
    parts += [f'<text x="{_x(at):.1f}" y="{bottom + 14}" text-anchor="middle">{at}</text>' for at in (0, 50, 100)]
    if marks:
        parts.append(_line("mark", LEFT, bottom + 26, LEFT, bottom + 38))
        parts.append(f'<text x="{LEFT + 8}" y="{bottom + 36}">{escape(marks_are)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 70} {bottom + 46}" role="img">'
    described = f"<title>{escape(title)}</title>"
    return Plot("\n".join([head, described, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n")


def _x(score: float) -> float:
    return LEFT + WIDTH * min(max(score, 0.0), 100.0) / 100


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
