"""AKS, adaptive keyframe sampling: halves of the video are split until one of their parts stands out (2502.21271).

Rule, from the official `frame_select.py` (github.com/ncTimTang/AKS, commit 4667501). Scores are scaled to [0, 1]. A
segment stays whole where the mean of its `budget` best scores is more than `contrast` above the mean of all of them and
its standard deviation is more than `deviation`; any other is cut in halves, `depth` times at most. A segment that was
cut d times out of the whole gives its best ⌊budget / 2^d⌋ frames. A segment of no more than `budget` frames never
stands out: its best scores are all of its scores.

Departures, which `strict_official` takes back:

- rounding loses frames, and with the official depth of 5 a budget under 32 gives none at all from the deepest segments.
  Here segments are cut only as long as each still gives one frame, and the best of the rest fill what rounding leaves;
- the official scaling divides by zero where all scores are equal; the frames are then the first of each segment,
  which is what comes of it officially, by how comparisons with NaN turn out.

Where there are just `budget` frames all are given, strict or not; the official code then still splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.selection.scored import Indices, Looked, ScoredSelector
from whenabouts.selection.similarity import best

__all__ = ["AKS", "aks"]

CONTRAST, DEVIATION, DEPTH = 0.8, -100.0, 5  # t1, t2 and all_depth of the official code


def aks(
    scores: NDArray[np.floating[Any]],
    budget: int,
    *,
    contrast: float = CONTRAST,
    deviation: float = DEVIATION,
    depth: int = DEPTH,
    strict_official: bool = False,
) -> Indices:
    """Frames for scores (N,) in order of time, N >= budget: increasing numbers; `budget` of them unless strict."""
    low, high = scores.min(), scores.max()
    scaled = (scores - low) / (high - low if high > low else 1)
    deepest = depth if strict_official else min(depth, budget.bit_length() - 1)
    taken = np.zeros(len(scores), bool)
    waiting = [(0, len(scores), 0)]
    while waiting:
        first, last, cuts = waiting.pop()
        segment = scaled[first:last]
        if not len(segment) or not budget >> cuts:  # neither it nor any part of it gives a frame
            continue
        if cuts >= deepest or _stands_out(segment, budget, contrast, deviation):
            taken[first + best(segment, budget >> cuts)] = True
        else:
            middle = first + len(segment) // 2
            waiting += [(first, middle, cuts + 1), (middle, last, cuts + 1)]
    if not strict_official:
        rest = np.flatnonzero(~taken)
        taken[rest[best(scaled[rest], budget - int(taken.sum()))]] = True
    return np.flatnonzero(taken)


def _stands_out(segment: NDArray[np.floating[Any]], budget: int, contrast: float, deviation: float) -> bool:
    lead = segment[best(segment, budget)].mean() - segment.mean()
    return bool(lead > contrast and segment.std() > deviation)


@dataclass(kw_only=True)
class AKS(ScoredSelector):
    """Adaptive keyframe sampling. Raises InputError for a negative depth.

    contrast, deviation: how much a segment must stand out to stay whole    depth: cuts at most
    strict_official:     lose to rounding what the official code loses
    """

    name = "aks"

    contrast: float = CONTRAST
    deviation: float = DEVIATION
    depth: int = DEPTH
    strict_official: bool = False

    def __post_init__(self) -> None:
        if self.depth < 0:
            raise InputError(f"the depth of AKS must be at least 0, got {self.depth}")

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The rule of the file's head."""
        return aks(
            looked.scores,
            budget,
            contrast=self.contrast,
            deviation=self.deviation,
            depth=self.depth,
            strict_official=self.strict_official,
        )
