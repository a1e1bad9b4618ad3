"""The drawing of `longform.py`: accuracy against cost, a panel for each kind of grounder, a curve for each length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Point = dict[str, Any]

PANELS = {  # kind: title, and what is on the axis
    "embedded": ("embedded encoder", "seconds", "CPU seconds, 26 queries"),
    "head": ("a trained head", "pictures", "pictures shown for a query"),
    "expensive": ("expensive, by script", "pictures", "pictures shown for a query"),
    "surer": ("a surer one", "pictures", "pictures shown for a query"),
}
COLOURS = {"10 min": "#2563eb", "1 h": "#cf4307", "10 h": "#0a7285"}
EVERYWHERE = ("everywhere", "windows")
WIDE, HIGH, LEFT, TOP, GAP = 236, 170, 44, 36, 56  # of a panel, in pixels


def drawing(points: Sequence[Point]) -> str:
    """Squares are everywhere or in windows, filled circles what `find` does on long videos, rings all other ways."""
    kinds = [kind for kind in PANELS if any(p["kind"] == kind for p in points)]
    most = max(p["miou"] for p in points) * 1.1
    parts = [part for n, kind in enumerate(kinds) for part in _panel(points, kind, LEFT + n * (WIDE + GAP), most)]
    y, x = TOP + HIGH + 62, LEFT
    for length in (length for length in COLOURS if any(p["length"] == length for p in points)):
        parts += [f'<circle cx="{x + 6}" cy="{y - 4}" r="5" fill="{COLOURS[length]}"/>', _text(x + 18, y, length)]
        x += 80
    parts.append(
        _text(x + 20, y, "■ everywhere, or all windows   ● what find does, searching from 15 minutes on   ○ other ways")
    )
    style = "text{font:12px system-ui,sans-serif;fill:#777}.title{font-weight:600}line{stroke:#8884}"
    style += "polyline{fill:none;stroke-width:2;stroke-linejoin:round}"
    width, height = LEFT + max(2, len(kinds)) * (WIDE + GAP), TOP + HIGH + 76
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    title = "<title>Accuracy against cost on videos of ten minutes, an hour and ten hours</title>"
    return "\n".join([head, title, f"<style>{style}</style>", *parts, "</svg>"]) + "\n"


def _panel(points: Sequence[Point], kind: str, left: float, most: float) -> list[str]:
    title, cost, axis = PANELS[kind]
    mine = [p for p in points if p["kind"] == kind]
    low, high = (f([math.log10(max(p[cost], 1e-3)) for p in mine]) for f in (min, max))
    low, high = math.floor(low), math.ceil(high + 1e-9)
    parts = [_text(left, TOP - 14, f"{title}: mean tIoU", "title")]
    for share in (0, 0.5, 1):
        y = TOP + HIGH * (1 - share)
        parts += [f'<line x1="{left}" x2="{left + WIDE}" y1="{y}" y2="{y}"/>']
        parts += [_text(left - 6, y + 4, f"{most * share:.2f}", anchor="end")]
    for power in range(low, high + 1):
        x = left + 10 + (WIDE - 20) * (power - low) / max(1, high - low)
        parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + HIGH}"/>']
        parts += [_text(x, TOP + HIGH + 16, f"{10**power:,g}", anchor="middle")]
    parts.append(_text(left + WIDE / 2, TOP + HIGH + 34, axis, anchor="middle"))
    for length, colour in COLOURS.items():
        of_one = sorted((p for p in mine if p["length"] == length), key=lambda p: p[cost])
        places = [
            (
                left + 10 + (WIDE - 20) * (math.log10(max(p[cost], 1e-3)) - low) / max(1, high - low),
                TOP + HIGH * (1 - p["miou"] / most),
                p["way"],
            )
            for p in of_one
        ]
        if kind != "embedded" and places:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y, way in places if way not in EVERYWHERE)
            parts.append(f'<polyline points="{line}" stroke="{colour}"/>')
        parts += [_mark(x, y, way, colour) for x, y, way in places]
    return parts


def _mark(x: float, y: float, way: str, colour: str) -> str:
    from whenabouts.grounders.search.regions import REGIONS

    if way in EVERYWHERE:
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{colour}"/>'
    if way in {"find", str(REGIONS)}:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="{colour}" stroke-width="2"/>'


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{words}</text>'
