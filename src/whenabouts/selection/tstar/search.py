"""The search of T*, from the official `TStar/interface_searcher.py` (github.com/LongVideoHaystack/TStar, ea044c6).

Frames at one a second are looked at 64 at a time: first evenly, then by chance, among the quarter of those not yet seen
that promise most; within it the chances are nearly even, as 64/N is added to promises whose sum is 1. A frame's score
is the confidence of its best object, targets counting 1 and cues 1/2. Those in the top quarter of a round lend
score / (1 + distance) to five frames on either side. The promise of a frame is sigmoid(max(1/N, curve through the
scores seen)). A target that is found with a confidence above 0.5 is sought no more; the search ends when none is left,
or after min(1000, N/10) frames.

Departures, which `strict_official` takes back:

- the frames shown are those of the highest scores, where the official ones are drawn by chance from the scores and so
  may miss the best; of equal scores those that promise more, then the earlier ones;
- the first round is spread over the whole video; officially it steps by ⌊N/64⌋, so up to half of it is never reached;
- the curve is made of straight lines; officially it is scipy's smoothing spline with s = 0.5, which needs four frames;
- a target is found by its own confidence; officially by that of any object of a frame in which it is detected at all;
- no frame is looked at twice, and what was looked at in a round needs no second look alone: a detector sees each frame
  by itself, where the official one sees 64 in a grid and then, for a target, the frame alone (`alone`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.selection.scored import Indices
from whenabouts.selection.uniform import evenly

__all__ = ["Look", "Search"]

Look = Callable[[Indices], NDArray[np.floating[Any]]]  # confidences (K, W) in [0, 1] of W objects in K frames

ROUND = 64  # frames that are looked at together
TARGET, CUE = 1.0, 0.5  # weights of objects
FOUND = 0.5  # confidence above which a target is found
MOST, SHARE = 1000, 0.1  # frames, and share of all frames, that may be looked at
REACH = 5  # frames on either side that a promising one lends to
NOTHING = 1e-6  # score of a frame before anything is known
SMOOTHING = 0.5  # of the official spline


@dataclass(slots=True)
class Search:
    """A search among `count` frames; `run` makes it, once.

    look:    judges frames, increasing by number, for all objects: targets first, then cues
    targets: how many objects are targets; the other columns of `look` are cues
    found:   confidence above which a target is found        share: of the frames that may be looked at
    alone:   judges one frame alone before a target counts as found, officially
    scores:  (N,), of frames looked at and of those beside promising ones; `promise` (N,): where to look next
    seen:    (N,), whether a frame was looked at
    """

    count: int
    look: Look
    targets: int = 1
    found: float = FOUND
    share: float = SHARE
    seed: int = 0
    strict_official: bool = False
    alone: Look | None = None
    scores: NDArray[np.float64] = field(init=False)
    promise: NDArray[np.float64] = field(init=False)
    seen: NDArray[np.bool_] = field(init=False)
    _random: np.random.RandomState = field(init=False)

    def __post_init__(self) -> None:
        self.scores = np.full(self.count, NOTHING)
        self.promise = np.zeros(self.count)
        self.seen = np.zeros(self.count, bool)
        self._random = np.random.RandomState(self.seed)  # the generator of the official code, seeded

    def run(self, budget: int) -> Indices:
        """`budget` frames, or all where there are no more, by number, increasing. Raises InputError."""
        left = min(MOST, self.count * self.share)
        sought = list(range(self.targets))
        while sought and left > 0 and (self.strict_official or not self.seen.all()):
            frames = self._next()
            left -= ROUND
            sought = self._judge(frames, sought)
        budget = min(budget, self.count)
        if self.strict_official:
            if (some := np.count_nonzero(self.scores)) < budget:
                raise InputError(
                    f"the official T* draws {budget} frames by chance and only {some} have a score above 0; "
                    "choose fewer frames, or leave out strict_official"
                )
            drawn = self._random.choice(self.count, size=budget, replace=False, p=self.scores / self.scores.sum())
            return np.sort(drawn).astype(np.intp)
        return np.sort(np.lexsort((-self.promise, -self.scores))[:budget])

    def _next(self) -> Indices:
        """The frames of the next round; of the first one in order, of others as they were drawn."""
        size = min(ROUND, self.count)
        if not self.seen.any():
            if self.strict_official:
                return np.arange(0, self.count, self.count // size)[:size].astype(np.intp)
            return evenly(self.count, size)
        weights = (self.promise + size / self.count) * ~self.seen
        weights *= weights >= np.percentile(weights, 75)
        if np.count_nonzero(weights) < size:
            if not self.strict_official:
                return np.flatnonzero(weights)
            weights = self.promise + size / self.count
        drawn = self._random.choice(self.count, size=size, replace=False, p=weights / weights.sum())
        return drawn.astype(np.intp)

    def _judge(self, frames: Indices, sought: list[int]) -> list[int]:
        """Look at frames and learn from them; the targets that are still sought."""
        order = np.argsort(frames)
        rows = np.asarray(self.look(frames[order]), np.float64)
        judged = np.empty_like(rows)
        judged[order] = rows
        weights = np.where(np.arange(rows.shape[1]) < self.targets, TARGET, CUE)
        best = (judged * weights).max(axis=1)
        self.seen[frames] = True
        self.scores[frames] = best
        self._lend(frames, best)
        self.promise = self._promises()
        if not self.strict_official:
            return [target for target in sought if judged[:, target].max() <= self.found]
        return self._confirmed(frames, judged, weights, sought)

    def _lend(self, frames: Indices, scores: NDArray[np.float64]) -> None:
        for frame in frames[scores >= np.percentile(scores, 75)].tolist():
            around = np.arange(max(0, frame - REACH), min(self.count, frame + REACH + 1))
            lent = self.scores[frame] / (np.abs(around - frame) + 1)
            self.scores[around] = np.maximum(self.scores[around], lent)

    def _promises(self) -> NDArray[np.float64]:
        known = np.flatnonzero(self.seen)
        if self.strict_official and len(known) > 3:
            from scipy.interpolate import UnivariateSpline

            curve = UnivariateSpline(known, self.scores[known], s=SMOOTHING)(np.arange(self.count))
        else:
            curve = np.interp(np.arange(self.count), known, self.scores[known])
        promise = 1 / (1 + np.exp(-np.maximum(1 / self.count, curve)))
        shares: NDArray[np.float64] = promise / promise.sum()
        return shares

    def _confirmed(
        self, frames: Indices, judged: NDArray[np.float64], weights: NDArray[np.float64], sought: Sequence[int]
    ) -> list[int]:
        """The official second look: at each frame of the round in which a target was detected, alone."""
        sought = list(sought)
        for frame, row in zip(frames.tolist(), judged, strict=True):
            for target in list(sought):
                if row[target] > 0:
                    alone = self.alone(np.array([frame]))[0] if self.alone else row
                    self.scores[frame] = (alone * weights).max()
                    if alone[target] > 0 and self.scores[frame] > self.found:
                        sought.remove(target)
                        break
        return sought
