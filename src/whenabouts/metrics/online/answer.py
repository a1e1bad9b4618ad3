"""`OnlineAnswer`: what was told of one query on one stream, when it was told, and what is true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import AnnotationError
from whenabouts.moment import tiou

__all__ = ["Floats", "OnlineAnswer"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OnlineAnswer:
    """Moments of one query with the times at which they were told; all times are seconds on the clock of the stream.

    moments:  (N, 2) [start, end] as they were known last
    emitted:  (N, 2) when the start was told for the first time, and when the end was
    scores:   (N,) as they were known last
    truths:   (M, 2) [start, end]; none where the query does not happen
    duration: of the stream
    alarms:   (N,) the score as the start was told; by default `scores`
    history:  (K, 4) everything that was told: [row of the moment, when, start, end], end NaN while the moment goes on;
              by default start and end of every moment, told once each

    The rows may come in any order and may repeat; they are kept best score first, in their order where scores are
    equal. Raises AnnotationError for numbers that are not finite, and for windows that end before they start.
    """

    moments: Floats
    emitted: Floats
    scores: Floats
    truths: Floats
    duration: float
    alarms: Floats
    history: Floats

    def __init__(
        self,
        moments: ArrayLike,
        emitted: ArrayLike,
        scores: ArrayLike,
        truths: ArrayLike,
        duration: float,
        alarms: ArrayLike | None = None,
        history: ArrayLike | None = None,
    ) -> None:
        windows, times = _rows(moments, 2), _rows(emitted, 2)
        last, true = _rows(scores, 1).ravel(), _rows(truths, 2)
        first = last if alarms is None else _rows(alarms, 1).ravel()
        if not len(windows) == len(times) == len(last) == len(first):
            raise AnnotationError(f"{len(windows)} moments need as many emission times and scores")
        if not (np.all(windows[:, 0] < windows[:, 1]) and np.all(true[:, 0] < true[:, 1])):
            raise AnnotationError("a moment ends before it starts, or has no length")
        if not np.all(times[:, 0] <= times[:, 1]):
            raise AnnotationError("the end of a moment was told before its start")
        if not (np.isfinite(duration) and duration > 0):
            raise AnnotationError(f"a stream needs a duration above 0 s, got {duration}")
        order = np.argsort(-last, kind="stable")
        place = np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        told = _told_once(windows, times) if history is None else _history(history, len(windows))
        told[:, 0] = place[told[:, 0].astype(np.intp)]
        kept = (windows[order], times[order], last[order], true, float(duration), first[order], told)
        for name, value in zip(self.__dataclass_fields__, kept, strict=True):
            object.__setattr__(self, name, value)

    @cached_property
    def overlaps(self) -> Floats:
        """IoU of every moment with every true window: (N, M)."""
        shape = len(self.moments), len(self.truths)
        return tiou(self.moments, self.truths) if all(shape) else np.zeros(shape)

    def matched(self, threshold: float, *, strict: bool = False) -> NDArray[np.intp]:
        """The true window that each moment found, or -1: (N,).

        Best score first, each takes the free window that it overlaps most, if IoU >= threshold; > if `strict`.
        """
        overlaps = self.overlaps
        reached = overlaps > threshold if strict else overlaps >= threshold
        found = np.full(len(overlaps), -1, dtype=np.intp)
        free = np.ones(len(self.truths), dtype=bool)
        for rank in np.flatnonzero(reached.any(axis=1)):
            able = np.flatnonzero(reached[rank] & free)
            if len(able):
                found[rank] = able[np.argmax(overlaps[rank, able])]
                free[found[rank]] = False
        return found

    def near(self, tolerance: float) -> NDArray[np.bool_]:
        """Whether each start was told inside each true window, widened by `tolerance` seconds on both sides: (N, M)."""
        told = self.emitted[:, :1]
        return (told >= self.truths[:, 0] - tolerance) & (told <= self.truths[:, 1] + tolerance)


def _rows(values: ArrayLike, columns: int) -> Floats:
    try:
        rows = np.asarray(values, dtype=np.float64).reshape(-1, columns)
    except (TypeError, ValueError):
        raise AnnotationError("moments, emission times, scores and true windows must be rows of numbers") from None
    if not np.isfinite(rows).all():
        raise AnnotationError("an answer on a stream holds a value that is not a finite number")
    return rows


def _told_once(moments: Floats, emitted: Floats) -> Floats:
    number = np.arange(len(moments), dtype=np.float64)
    open_ = np.column_stack([number, emitted[:, 0], moments[:, 0], np.full(len(moments), np.nan)])
    return np.concatenate([open_, np.column_stack([number, emitted[:, 1], moments])])


def _history(values: ArrayLike, moments: int) -> Floats:
    told = np.array(values, dtype=np.float64).reshape(-1, 4)
    whole = np.isin(told[:, 0], np.arange(moments)).all() and np.isfinite(told[:, 1:3]).all()
    if not whole or np.isinf(told[:, 3]).any():
        raise AnnotationError("the history of a stream must be rows of [moment, time, start, end]")
    return told
