"""Charts as values: what is drawn, not how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Bars", "Chart", "Grid", "Histogram", "Line", "Lines", "Points"]


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar for each label, of one or several series.

    series:    by name, one value per label; None leaves a gap
    intervals: by name of a series, [low, high] of each of its bars
    marks:     by name, values that are drawn as lines across the bars of each label, such as a baseline
    """

    title: str
    labels: tuple[str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    value: str
    intervals: Mapping[str, tuple[tuple[float, float] | None, ...]] | None = None
    marks: Mapping[str, tuple[float | None, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points in the order of x."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines by name on common axes; `log` axes are named "x" or "y"."""

    title: str
    lines: Mapping[str, Line]
    x: str
    y: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often values fall between `edges`: one share for each gap between neighbours, by name."""

    title: str
    edges: tuple[float, ...]
    shares: Mapping[str, tuple[float, ...]]
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A heat map: `values[row][column]`, the first row at the bottom, over evenly parted axes."""

    title: str
    values: tuple[tuple[float, ...], ...]
    x: str
    y: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Points:
    """Points by name of their group; `diagonal` draws x = y."""

    title: str
    points: Mapping[str, tuple[tuple[float, float], ...]]
    x: str
    y: str
    diagonal: bool = False


Chart = Bars | Lines | Histogram | Grid | Points
