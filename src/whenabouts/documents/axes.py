"""What all charts have in common: axes, colours, labels, a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from whenabouts.documents.palette import LIGHT, SERIES
from whenabouts.documents.renderer import clean, width_of

__all__ = [
    "DASHES",
    "EMPTY",
    "SMALL",
    "WIDTH",
    "axes_of",
    "colour_of",
    "legend",
    "numbers",
    "say_empty",
    "tick",
    "wrapped",
]

WIDTH, SIZE, SMALL = 480, 13.0, 12.0  # pixels
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)))
LARGEST = 1e100  # numbers beyond leave a gap, as no axis can show them
EMPTY = "no values to draw"


class _Logarithmic(LogLocator):
    """Ticks at powers of ten or, where fewer than two are in sight, at round numbers."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        powers = super().tick_values(vmin, vmax)
        if sum(vmin <= power <= vmax for power in powers) > 1:
            return powers
        return [value for value in MaxNLocator(5).tick_values(vmin, vmax) if value > 0]


def numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    """Values as numbers, NaN where there is none that can be drawn."""
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.where(np.abs(found) < LARGEST, found, np.nan)


def colour_of(number: int) -> tuple[float, float, float, float]:
    """The colour of a series; from the seventh on they come again, fainter."""
    return to_rgba(LIGHT[SERIES[number % len(SERIES)]], 1.0 if number < len(SERIES) else 0.5)


def tick(value: float, digits: int = 4) -> str:
    """A number as an axis shows it.

    >>> tick(0.5), tick(25000.0), tick(36.119)
    ('0.5', '25,000', '36.12')
    """
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.{digits}g}"


def wrapped(text: str, chars: int, lines: int) -> str:
    """A text over a few lines, which end in … where it is longer."""
    return "\n".join(textwrap.wrap(clean(text), chars, max_lines=lines, placeholder="…")) or " "


def axes_of(drawn: Figure, x: str, y: str, *, grid: Literal["x", "y", "both"], log: Sequence[str] = ()) -> Axes:
    """Axes with names, and few lines around."""
    axes = drawn.subplots()
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=grid, color=LIGHT["line"], linewidth=1)
    for side, spine in axes.spines.items():
        spine.set(visible=side in {"left", "bottom"}, color=LIGHT["soft"], linewidth=1)
    axes.tick_params(labelsize=SMALL, color=LIGHT["soft"], labelcolor=LIGHT["soft"], length=3, width=1, pad=4)
    axes.set_xlabel(wrapped(x, 60, 2), size=SIZE, color=LIGHT["ink"])
    axes.set_ylabel(wrapped(y, 36, 2), size=SIZE, color=LIGHT["ink"])
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in log:
            axes.set(**{f"{name}scale": "log"})
        axis.set_major_locator(_Logarithmic(numticks=7) if name in log else MaxNLocator(5))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    return axes


def legend(drawn: Figure, names: Sequence[str], handles: Sequence[Any]) -> int:
    """Names beside how they are drawn, above the axes, in as many columns as they have room; returns the rows."""
    texts = [wrapped(name, 54, 2) for name in names]
    widest = max((width_of(line, SMALL) for text in texts for line in text.split("\n")), default=0.0)
    columns = max(1, min(len(texts), int((WIDTH - 10) // (widest + 44))))
    if texts:
        drawn.legend(
            handles,
            texts,
            loc="outside upper left",
            ncols=columns,
            frameon=False,
            fontsize=SMALL,
            labelcolor=LIGHT["ink"],
            handlelength=2.0,
            borderaxespad=0.2,
        )
    return -(-len(texts) // columns)


def say_empty(axes: Axes) -> None:
    """Say in the middle that nothing is drawn."""
    axes.text(0.5, 0.5, EMPTY, transform=axes.transAxes, ha="center", va="center", size=SIZE, color=LIGHT["soft"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator([]))
