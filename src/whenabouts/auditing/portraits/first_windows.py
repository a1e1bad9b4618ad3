"""`FirstWindows`: the first window of every answer beside the true window that it fits best, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.judged import Judged
from whenabouts.benchmarks.example import Example

__all__ = ["FirstWindows", "beside_truth", "first_windows", "overlaps"]

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

    def take(self, chosen: NDArray[np.bool_]) -> FirstWindows:
        """Some of the answers: those where (Q,) is true."""
        videos, queries = (
            tuple(name for name, kept in zip(names, chosen, strict=True) if kept)
            for names in (self.videos, self.queries)
        )
        return FirstWindows(self.given[chosen], self.truths[chosen], self.duration[chosen], videos, queries, self.prior)

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
    def covered(self) -> Array:
        """(Q,) the share of the video that the answer covers: none where it lies beyond the end."""
        start, end = np.clip(self.given, 0, self.duration[:, None]).T
        return np.asarray((end - start) / self.duration)

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
    """Those that can be compared: refusals, answers that could not be read and unknown lengths are left out."""
    given = {qid: windows[0] for qid, windows in judged.windows.items() if len(windows)}
    return beside_truth(given, judged.examples, judged.train)


def beside_truth(
    given: Mapping[str | int, Array], examples: Sequence[Example], train: Sequence[Example]
) -> FirstWindows:
    """Windows (2,) in seconds by qid beside the truth; both are cut at the borders of the video."""
    known = [e for e in examples if e.duration and len(e.windows) and _lasts(given.get(e.qid))]
    most = max((len(e.windows) for e in known), default=1)
    truths = [np.concatenate([e.windows, np.repeat(e.windows[:1], most - len(e.windows), 0)]) for e in known]
    duration = np.array([e.duration for e in known], dtype=np.float64)
    prior = [e.windows / e.duration for e in train if e.duration and len(e.windows)]
    return FirstWindows(
        given=_cut(np.array([given[e.qid] for e in known]).reshape(-1, 2), duration[:, None]),
        truths=_cut(np.array(truths).reshape(-1, most, 2), duration[:, None, None]),
        duration=duration,
        videos=tuple(e.video for e in known),
        queries=tuple(e.query for e in known),
        prior=_cut(np.concatenate([np.zeros((0, 2)), *prior]), np.ones((1, 1))),
    )


def _lasts(window: Array | None) -> bool:
    return window is not None and bool(np.isfinite(window).all() and window[0] < window[1])


def _cut(windows: Array, duration: Array) -> Array:
    """Inside the video; a window that lies outside as a whole is left as it is."""
    cut = np.clip(windows, 0, duration)
    return np.asarray(np.where((cut[..., 0] < cut[..., 1])[..., None], cut, windows))


def overlaps(given: Array, truths: Array) -> Array:
    """The tIoU of windows (..., Q, 2) with the best of their true ones (Q, M, 2): (..., Q)."""
    return np.asarray(_overlap(given[..., None, :], truths).max(axis=-1))


def _overlap(a: Array, b: Array) -> Array:
    """The tIoU of windows (..., 2) that stand beside each other, where `moment.tiou` takes every pair."""
    shared = np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0])
    shared = np.maximum(shared, 0)
    covered = (a[..., 1] - a[..., 0]) + (b[..., 1] - b[..., 0]) - shared
    return np.asarray(np.divide(shared, covered, out=np.zeros_like(shared), where=covered > 0))
