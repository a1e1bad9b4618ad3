"""Predictions in notebooks: a small timeline without scripts, with thumbnails if the video can be opened.

Colours are opacities of the notebook's text colour, so light and dark themes both work. All text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from whenabouts.errors import WhenaboutsError
from whenabouts.interchange.text import printable
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction, Saliency

__all__ = ["Svg", "plot", "to_html"]

WIDTH, LANE, GAP = 720, 44, 26  # pixels
MAX_CURVE_POINTS = 720  # one per pixel
MAX_TABLE_ROWS = 10
ACCENT = "#d9730d"


class Svg(str):
    """An SVG document that a notebook shows as an image; `Path(...).write_text(svg)` saves it."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def plot(predictions: Prediction | Sequence[Prediction]) -> Svg:
    """One lane per query over the time of the video: saliency as an area, moments as bars with opacity by score.

    All lanes have the time scale of the longest video.
    """
    answers = [predictions] if isinstance(predictions, Prediction) else list(predictions)
    duration = max((answer.duration for answer in answers), default=0.0) or 1.0
    height = len(answers) * (LANE + GAP) + 20
    lanes = [_lane(answer, duration, k * (LANE + GAP)) for k, answer in enumerate(answers)]
    axis = _axis(duration, height - 20)
    return Svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="currentColor">{"".join(lanes)}{axis}</svg>'
    )


def to_html(prediction: Prediction) -> str:
    """The HTML of `Prediction._repr_html_`: a lane, and a table of the best moments with thumbnails and evidence."""
    moments = prediction.moments[:MAX_TABLE_ROWS]
    pictures = _pictures(prediction.video, moments)
    cells = [_cell(picture) for picture in pictures] or [""] * len(moments)
    rows = "".join(
        f"<tr><td>{rank}</td>{cell}<td>{_clock(moment.start)}</td><td>{_clock(moment.end)}</td>"
        f"<td>{moment.score:.2f}</td><td>{_evidence(moment.evidence)}</td></tr>"
        for rank, (moment, cell) in enumerate(zip(moments, cells, strict=True), 1)
    )
    column = "<th>picture</th>" if pictures else ""
    head = f"<tr><th>#</th>{column}<th>start</th><th>end</th><th>score</th><th>evidence</th></tr>"
    more = len(prediction.moments) - MAX_TABLE_ROWS
    left = f"<p>and {more} more</p>" if more > 0 else ""
    table = f"<table>{head}{rows}</table>{left}" if rows else "<p>no moment found</p>"
    return f'<div class="whenabouts">{_verdict(prediction)}{plot(prediction)}{table}</div>'


def _verdict(prediction: Prediction) -> str:
    path = f" in {_text(prediction.video)}" if prediction.video else ""
    if prediction.absent:
        path += " – probably not in this video"
    chance = "" if prediction.presence is None else f" (presence {prediction.presence:.0%})"
    return f"<p><strong>{_text(prediction.query)}</strong>{path}{chance}</p>"


def _pictures(path: str | None, moments: Sequence[Moment]) -> list[str]:
    """The frame in the middle of each moment; empty if the video cannot be opened."""
    try:
        if not path or not moments or not Path(path).is_file():
            return []
        from whenabouts.interchange.thumbnails import thumbnail
        from whenabouts.video import Video

        video = Video(path)
        return [thumbnail(video, (moment.start + moment.end) / 2) or "" for moment in moments]
    except (WhenaboutsError, OSError):
        return []


def _cell(picture: str) -> str:
    return f'<td><img src="{picture}" width="112" alt=""/></td>' if picture else "<td></td>"


def _evidence(evidence: Sequence[Evidence]) -> str:
    return "; ".join(f"{_text(e.kind)}: “{_text(e.text)}”" if e.text else _text(e.kind) for e in evidence)


def _lane(prediction: Prediction, duration: float, top: float) -> str:
    title = f'<text x="2" y="{top + 13}">{_text(prediction.query)}</text>'
    base = top + 18 + LANE
    ground = f'<rect x="0" y="{base - LANE}" width="{WIDTH}" height="{LANE}" fill-opacity="0.06"/>'
    bars = []
    best = max((moment.score for moment in prediction.moments), default=1.0) or 1.0
    for rank, moment in enumerate(prediction.moments, 1):
        x, width = moment.start / duration * WIDTH, max(2.0, moment.duration / duration * WIDTH)
        strength = min(1.0, max(0.25, moment.score / best)) if math.isfinite(moment.score / best) else 1.0
        words = f"{rank}: {_clock(moment.start)} – {_clock(moment.end)}, score {moment.score:.2f}"
        bars.append(
            f'<rect x="{x:.1f}" y="{base - 10}" width="{width:.1f}" height="10" fill="{ACCENT}" '
            f'fill-opacity="{strength:.2f}"><title>{words}</title></rect>'
        )
    return title + ground + _area(prediction.saliency, duration, base) + "".join(bars)


def _area(saliency: Saliency | None, duration: float, base: float) -> str:
    """The saliency curve, scaled from its minimum to its maximum and subsampled such that peaks are kept."""
    pairs = zip(saliency.times, saliency.values, strict=True) if saliency else ()
    known = [(time, value) for time, value in pairs if math.isfinite(value)]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    step = -(-len(known) // MAX_CURVE_POINTS)
    peaks = [max(known[k : k + step], key=lambda point: point[1]) for k in range(0, len(known), step)]
    scale = (LANE - 14) / ((high - low) or 1.0)
    line = " ".join(f"{time / duration * WIDTH:.1f},{base - 12 - (value - low) * scale:.1f}" for time, value in peaks)
    first, last = (peaks[k][0] / duration * WIDTH for k in (0, -1))
    return f'<polygon points="{first:.1f},{base - 12} {line} {last:.1f},{base - 12}" fill-opacity="0.3"/>'


def _axis(duration: float, top: float) -> str:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((step for step in steps if duration / step <= 10), math.ceil(duration / 10))
    marks = []
    for k in range(int(duration // step) + 1):
        x = k * step / duration * WIDTH
        anchor = "start" if k == 0 else "end" if x > WIDTH - 20 else "middle"
        marks.append(f'<text x="{x:.1f}" y="{top + 14}" text-anchor="{anchor}" opacity="0.7">{_whole(k * step)}</text>')
    return "".join(marks)


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10)
    return f"{_whole(tenths // 10)}.{tenths % 10}"


def _whole(seconds: int) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _text(words: str | None) -> str:
    return escape(printable(words or ""))
