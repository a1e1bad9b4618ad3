"""Charts as figures of matplotlib: one function for each kind, in pixels, with the colours of light paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from whenabouts.documents.axes import (
    DASHES,
    SMALL,
    WIDTH,
    axes_of,
    colour_of,
    legend,
    numbers,
    say_empty,
    tick,
    wrapped,
)
from whenabouts.documents.chart import Bars, Chart, Grid, Histogram, Lines, Points
from whenabouts.documents.palette import LIGHT
from whenabouts.documents.renderer import Canvas

__all__ = ["MAX_POINTS", "figure"]

HEIGHT = 300  # pixels
BAR, BETWEEN, LINE, AROUND, LEAST = (
    15,
    9,
    15,
    62,
    48,
)  # of a bar, between labels, of a label's line, around, of all bars
MAX_POINTS = 1500  # of a group that are drawn, evenly chosen
MAX_DOTS = 40  # points of a line that are drawn as dots too
LEVELS = 24  # shades of a heat map
MARKERS = "osD^vP"


def figure(chart: Chart, title: str = "") -> Figure:
    """The chart, under its title if there is one. Bars begin at zero; what is not finite leaves a gap."""
    high = AROUND + max(sum(_rows(chart)), LEAST) if isinstance(chart, Bars) else HEIGHT
    drawn = Figure(
        figsize=(WIDTH / 72, high / 72),
        dpi=72,
        layout=ConstrainedLayoutEngine(w_pad=3 / 72, h_pad=3 / 72),
        facecolor="none",
        edgecolor="none",
    )
    rows = DRAWN[type(chart)](drawn, chart)
    if title:
        told = wrapped(title, 50, 3)
        drawn.suptitle(told, x=0.01, ha="left", size=14, weight="bold", color=LIGHT["ink"])
        rows += 1 + told.count("\n")
    drawn.set_size_inches(WIDTH / 72, (high + 19 * rows) / 72)
    for text in drawn.findobj(Text):
        text.set_parse_math(False)
        text.set_gid(text.get_horizontalalignment())
    Canvas(drawn)
    return drawn


def _rows(chart: Bars) -> list[int]:
    """The height of what belongs to each label."""
    labels = [_label(chart, text) for text in chart.labels]
    return [max(BAR * max(len(chart.series), 1), LINE * (text.count("\n") + 1)) + BETWEEN for text in labels]


def _label(chart: Bars, text: str) -> str:
    return wrapped(text, 24, max(2, len(chart.series)))


def _bars(drawn: Figure, chart: Bars) -> int:
    axes = axes_of(drawn, chart.value, "", grid="x")
    rows = _rows(chart)
    centres = [sum(rows[:i]) + row / 2 for i, row in enumerate(rows)]
    single, reach = len(chart.series) == 1, [0.0]
    for number, (name, values) in enumerate(chart.series.items()):
        bounds = (chart.intervals or {}).get(name) or [None] * len(values)
        for centre, value, bound in zip(centres, numbers(values), bounds, strict=True):
            if np.isnan(value):
                continue
            at = centre + BAR * (number - (len(chart.series) - 1) / 2)
            axes.barh(at, value, height=BAR - 3, color=colour_of(number), linewidth=0)
            ends = [*numbers(bound or ())]
            axes.plot(ends, [at] * len(ends), **_marked(0, 1.5))
            reach += [value, *(end for end in ends if np.isfinite(end))]
            if single:
                side = "left" if value >= 0 else "right"
                end = max([value, *ends]) if value >= 0 else min([value, *ends])
                look: dict[str, Any] = {"ha": side, "va": "center", "size": SMALL, "color": LIGHT["ink"]}
                axes.annotate(
                    tick(value, 3), (end, at), (4 if value >= 0 else -4, 0), textcoords="offset points", **look
                )
    for number, values in enumerate((chart.marks or {}).values()):
        for centre, row, value in zip(centres, rows, numbers(values), strict=True):
            half = (row - BETWEEN) / 2 + 3
            axes.plot([value] * 2, [centre - half, centre + half], **_marked(number))
            reach += [value] if np.isfinite(value) else []
    low, high = min(reach), max(reach)
    room = (high - low or 1.0) * (0.17 if single else 0.04)
    axes.set_xlim(low - room if low < 0 else 0, high + room if high > 0 or low == 0 else 0)
    axes.set_ylim(sum(rows) or 1, 0)
    if len(reach) == 1:
        say_empty(axes)
    axes.set_yticks(centres, [_label(chart, text) for text in chart.labels])
    axes.tick_params(axis="y", length=0, labelcolor=LIGHT["ink"])
    series = list(chart.series) if len(chart.series) > 1 or chart.marks else []
    handles = [Patch(color=colour_of(i), linewidth=0) for i in range(len(series))]
    handles += [Line2D([], [], **_marked(i)) for i in range(len(chart.marks or {}))]  # type: ignore[misc]
    return legend(drawn, [*series, *(chart.marks or {})], handles)


def _marked(number: int, wide: float = 2.0) -> dict[str, Any]:
    """A line that is seen on bars as well as on paper."""
    edge = Stroke(linewidth=wide + 2, foreground=LIGHT["paper"])
    look = {"color": LIGHT["ink"], "linewidth": wide, "linestyle": DASHES[number % len(DASHES)]}
    return {**look, "path_effects": [edge, Normal()]}


def _lines(drawn: Figure, chart: Lines) -> int:
    axes = axes_of(drawn, chart.x, chart.y, grid="both", log=chart.log)
    styles: list[dict[str, Any]] = [
        {"color": colour_of(i), "linestyle": DASHES[i % len(DASHES)], "linewidth": 2} for i in range(len(chart.lines))
    ]
    seen = False
    if "x" not in chart.log and all(float(value).is_integer() for line in chart.lines.values() for value in line.x):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))  # ranks and counts have nothing in between
    for style, line in zip(styles, chart.lines.values(), strict=True):
        x, y = (
            np.where((values > 0) | (axis not in chart.log), values, np.nan)
            for axis, values in (("x", numbers(line.x)), ("y", numbers(line.y)))
        )
        there = np.isfinite(x) & np.isfinite(y)
        axes.plot(np.where(there, x, np.nan), y, **style)
        around = np.pad(there, 1)
        dots = there if there.sum() <= MAX_DOTS else there & ~around[:-2] & ~around[2:]  # those that no line joins
        axes.plot(x[dots], y[dots], color=style["color"], linestyle="", marker="o", markersize=5, markeredgewidth=0)
        seen |= bool(there.any())
    if not seen:
        say_empty(axes)
    several = list(chart.lines) if len(chart.lines) > 1 else []
    return legend(drawn, several, [Line2D([], [], **style) for style in styles[: len(several)]])


def _histogram(drawn: Figure, chart: Histogram) -> int:
    axes = axes_of(drawn, chart.x, chart.y, grid="y")
    edges, handles = numbers(chart.edges), []
    for number, shares in enumerate(map(numbers, chart.shares.values())):
        known = np.nan_to_num(shares)
        colour, dash = colour_of(number), DASHES[number % len(DASHES)]
        if len(chart.shares) == 1:
            axes.stairs(known, edges, fill=True, color=to_rgba(colour, 0.25), linewidth=0)
        axes.stairs(known, edges, color=colour, linewidth=2, linestyle=dash)
        handles.append(Line2D([], [], color=colour, linewidth=2, linestyle=dash))
    if not any(np.isfinite(numbers(shares)).any() for shares in chart.shares.values()):
        say_empty(axes)
    axes.set_ylim(bottom=0)
    several = list(chart.shares) if len(chart.shares) > 1 else []
    return legend(drawn, several, handles[: len(several)])


def _points(drawn: Figure, chart: Points) -> int:
    axes = axes_of(drawn, chart.x, chart.y, grid="both")
    handles, seen = [], False
    for number, points in enumerate(chart.points.values()):
        table = np.array([numbers(point) for point in points], dtype=np.float64).reshape(-1, 2)
        table = table[np.isfinite(table).all(axis=1)]
        if len(table) > MAX_POINTS:
            table = table[np.linspace(0, len(table) - 1, MAX_POINTS).astype(int)]
        seen |= bool(len(table))
        dense = len(table) > 200
        look: dict[str, Any] = {
            "color": colour_of(number),
            "linestyle": "",
            "marker": MARKERS[number % len(MARKERS)],
            "markeredgewidth": 0,
        }
        axes.plot(*table.T, markersize=4 if dense else 6, alpha=0.5 if dense else None, **look)
        handles.append(Line2D([], [], markersize=6, **look))
    if not seen:
        say_empty(axes)
    elif chart.diagonal:
        low, high = min(axes.get_xlim()[0], axes.get_ylim()[0]), max(axes.get_xlim()[1], axes.get_ylim()[1])
        axes.plot([low, high], [low, high], color=LIGHT["soft"], linewidth=1.5, linestyle=DASHES[1])
        axes.set(xlim=(low, high), ylim=(low, high))
    several = list(chart.points) if len(chart.points) > 1 else []
    return legend(drawn, several, handles[: len(several)])


def _grid(drawn: Figure, chart: Grid) -> int:
    axes = axes_of(drawn, chart.x, chart.y, grid="both")
    axes.grid(visible=False)
    values = np.array([numbers(row) for row in chart.values], dtype=np.float64)
    finite = values[np.isfinite(values)]
    if not finite.size:
        say_empty(axes)
        return 0
    low, high = min(0.0, float(finite.min())), float(finite.max())
    levels = np.where(
        np.isfinite(values), np.nan_to_num((values - low) / (high - low or 1.0)) * (LEVELS - 1), -1
    ).round()
    x = np.linspace(*chart.x_range, values.shape[1] + 1)
    y = np.linspace(*chart.y_range, values.shape[0] + 1)
    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for row, shades in enumerate(levels):
        column = 0
        for shade, run in groupby(shades):
            wide = len(list(run))
            boxes.setdefault(int(shade), []).append((x[column], x[column + wide], y[row], y[row + 1]))
            column += wide
    for shade, places in boxes.items():
        if shade >= 0:
            axes.add_patch(_filled(places, shade))
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    scale = axes.inset_axes((1.03, 0.0, 0.035, 1.0))
    for shade in range(LEVELS):
        scale.add_patch(_filled([(0.0, 1.0, shade, shade + 1.0)], shade))
    scale.set(xlim=(0, 1), ylim=(0, LEVELS), xticks=[])
    scale.set_yticks([0, LEVELS], [tick(low, 3), tick(high, 3)])
    scale.yaxis.tick_right()
    scale.tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"], length=0)
    scale.set_facecolor("none")
    scale.spines[:].set_visible(False)
    return 0


def _filled(boxes: Sequence[tuple[float, float, float, float]], shade: int) -> PathPatch:
    """Boxes (left, right, bottom, top) in a shade of the first colour, which fades into any paper."""
    corners = [[(a, c), (b, c), (b, d), (a, d), (a, c)] for a, b, c, d in boxes]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(boxes)
    path = Path(np.array(corners).reshape(-1, 2), codes)
    return PathPatch(
        path, facecolor=to_rgba(colour_of(0), 0.03 + 0.97 * shade / (LEVELS - 1)), linewidth=0, antialiased=False
    )


DRAWN: dict[type, Callable[[Figure, Any], int]] = {
    Bars: _bars,
    Lines: _lines,
    Histogram: _histogram,
    Points: _points,
    Grid: _grid,
}
