"""`FirstWindows`: the first window of every answer beside the true window that it fits best, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenabouts.audit.judged import Judged

__all__ = ["FirstWindows", "first_windows", "overlaps"]

Array = NDArray[np.float64]
BORDER = 0.01  # share of a video's length from its border at which an end is as good as there


@dataclass(frozen=True, eq=False)
class FirstWindows:
    """Q answers with a window that lasts, to queries with a truth on videos whose length is known.

    given:    (Q, 2) seconds
    truths:   (Q, M, 2) seconds; of queries with fewer than M true windows, the first is repeated
    duration: (Q,) seconds
    videos, queries: of each answer
    prior:    (T, 2) windows of the training split in shares of the video, no rows where it is not at hand
    """

    given: Array
    truths: Array
    duration: Array
    videos: tuple[str, ...]
    queries: tuple[str, ...]
    prior: Array

    def __len__(self) -> int:
        return len(self.given)

    @cached_property
    def truth(self) -> Array:
        """(Q, 2) the true window with the highest tIoU, or with the nearest centre where none overlaps."""
        near = np.abs(self.truths.mean(axis=2) - self.given.mean(axis=1)[:, None])
        found = _overlap(self.given[:, None], self.truths)
        best = np.where(found.max(axis=1) > 0, found.argmax(axis=1), near.argmin(axis=1))
        return np.asarray(self.truths[np.arange(len(self)), best])

    @cached_property
    def tiou(self) -> Array:
        """(Q,) of the answer with the best true window."""
        return overlaps(self.given, self.truths)

    @cached_property
    def shares(self) -> Array:
        """(Q, 2) the answers in shares of the video."""
        return self.given / self.duration[:, None]

    @cached_property
    def length(self) -> Array:
        """(Q,) seconds that the answer lasts."""
        return np.asarray(self.given[:, 1] - self.given[:, 0])

    @cached_property
    def true_length(self) -> Array:
        """(Q,) seconds that the true window lasts."""
        return np.asarray(self.truth[:, 1] - self.truth[:, 0])

    @cached_property
    def errors(self) -> Array:
        """(Q, 2) signed errors of start and end in seconds: below 0 early, above 0 late."""
        return self.given - self.truth

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """(Q,) answers and truths none of whose ends is at a border of the video, where errors have but one side."""
        low, high = BORDER * self.duration[:, None], (1 - BORDER) * self.duration[:, None]
        free = [(ends > low) & (ends < high) for ends in (self.given, self.truth)]
        return np.asarray((free[0] & free[1]).all(axis=1))


def first_windows(judged: Judged) -> FirstWindows:
    """Those that can be compared; refusals, answers that could not be read and unknown lengths are left out."""
    chosen = [
        (windows[0], example)
        for example in judged.examples
        if (windows := judged.windows.get(example.qid)) is not None
        and len(windows)
        and np.isfinite(windows[0]).all()
        and windows[0][0] < windows[0][1]
        and len(example.windows)
        and example.duration
    ]
    most = max((len(example.windows) for _, example in chosen), default=1)
    truths = [np.concatenate([e.windows, np.repeat(e.windows[:1], most - len(e.windows), 0)]) for _, e in chosen]
    prior = [np.clip(e.windows / e.duration, 0, 1) for e in judged.train if e.duration and len(e.windows)]
    return FirstWindows(
        given=np.array([window for window, _ in chosen]).reshape(-1, 2),
        truths=np.array(truths).reshape(-1, most, 2),
        duration=np.array([e.duration for _, e in chosen], dtype=np.float64),
        videos=tuple(e.video for _, e in chosen),
        queries=tuple(e.query for _, e in chosen),
        prior=np.concatenate([np.zeros((0, 2)), *prior]),
    )


def overlaps(given: Array, truths: Array) -> Array:
    """The tIoU of windows (..., Q, 2) with the best of their true ones (Q, M, 2): (..., Q)."""
    return np.asarray(_overlap(given[..., None, :], truths).max(axis=-1))


def _overlap(a: Array, b: Array) -> Array:
    """The tIoU of windows (..., 2) that stand beside each other, where `moment.tiou` takes every pair."""
    shared = np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0])
    shared = np.maximum(shared, 0)
    covered = (a[..., 1] - a[..., 0]) + (b[..., 1] - b[..., 0]) - shared
    return np.asarray(np.divide(shared, covered, out=np.zeros_like(shared), where=covered > 0))
