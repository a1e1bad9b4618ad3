"""Annotated windows as shares of their videos: what blind baselines learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.moment import intersection

__all__ = ["GRID", "STEP", "THRESHOLDS", "Shares", "best_overlaps", "in_seconds", "shares", "teaches"]

STEP = 0.02  # share of the video between candidate boundaries
STEPS = round(1 / STEP)
PLACES = np.arange(STEPS + 1) * STEP
GRID: NDArray[np.float64] = np.array([(low, high) for i, low in enumerate(PLACES) for high in PLACES[i + 1 :]])
THRESHOLDS = (0.3, 0.5, 0.7)
COVERED = 0.5  # one of them: IoU from which a window answers a query
AT_ONCE = 64  # queries, so that tables of their overlaps fit into the cache of a CPU


@dataclass(frozen=True, eq=False)
class Shares:
    """The windows of Q queries, M in all.

    queries: the sentence of each window, (M,) in the order of the training split
    windows: (M, 2) start and end, mostly in [0, 1]: some annotations end after their video
    first:   (Q,) which window is the first of each query
    """

    queries: tuple[str, ...]
    windows: NDArray[np.float64]
    first: NDArray[np.int64]

    @property
    def fits(self) -> dict[float | None, NDArray[np.float64]]:
        """For each of `THRESHOLDS`, how many queries every window of the grid has a greater IoU with.

        For None, the sum of its IoU with all queries.
        """
        return self._beside_grid[0]

    @property
    def covered(self) -> NDArray[np.uint8]:
        """Which queries each window of the grid has an IoU > 0.5 with, eight in a byte: (grid, ceil(Q / 8)).

        6 MB for 37 thousand queries.
        """
        return self._beside_grid[1]

    @cached_property
    def _beside_grid(self) -> tuple[dict[float | None, NDArray[np.float64]], NDArray[np.uint8]]:
        totals: dict[float | None, NDArray[np.float64]] = {at: np.zeros(len(GRID)) for at in (*THRESHOLDS, None)}
        bits = np.zeros((len(GRID), -(-len(self.first) // 8)), dtype=np.uint8)
        for rows, best in best_overlaps(self):
            for at in totals:
                reached = best if at is None else best > at
                totals[at] += reached.sum(axis=0)
                if at == COVERED:
                    bits[:, rows.start // 8 : -(-rows.stop // 8)] = np.packbits(reached.T, axis=1)
        return totals, bits


def teaches(example: Example) -> bool:
    """Whether anything can be learnt from it: a window in a video of known duration."""
    return bool(example.duration) and len(example.windows) > 0


def shares(train: Sequence[Example]) -> Shares:
    """Of all training examples that have windows and a duration; those of the last split asked for are kept."""
    return _shares(tuple(train))


@lru_cache(maxsize=1)
def _shares(train: tuple[Example, ...]) -> Shares:
    useful = [e for e in train if teaches(e)]
    tables = [e.windows / e.duration for e in useful if e.duration]
    counts = np.array([len(table) for table in tables], dtype=np.int64)
    queries = tuple(e.query for e in useful for _ in e.windows)
    windows = np.concatenate([np.zeros((0, 2)), *tables])
    return Shares(queries, windows, np.cumsum(counts) - counts)


def in_seconds(examples: Sequence[Example], windows: NDArray[np.float64]) -> dict[str | int, NDArray[np.float64]]:
    """The same shares (N, 2) of every video whose duration is known, in seconds by qid."""
    return {e.qid: windows * e.duration for e in examples if e.duration}


def best_overlaps(train: Shares) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Some queries at a time: which, and their best IoU with every window of the grid, (queries, grid)."""
    for start in range(0, len(train.first), AT_ONCE):
        rows = slice(start, min(start + AT_ONCE, len(train.first)))
        stop = train.first[rows.stop] if rows.stop < len(train.first) else len(train.windows)
        chosen = train.first[rows]
        start_of, end_of = train.windows[chosen[0] : stop].T[..., None]
        hull = np.maximum(end_of, GRID[:, 1]) - np.minimum(start_of, GRID[:, 0])
        table = intersection(train.windows[chosen[0] : stop], GRID) / hull  # rounded as by those who measured it
        yield rows, np.maximum.reduceat(table, chosen - chosen[0], axis=0)
