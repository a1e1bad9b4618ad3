"""DiDeMo's rank@k and mIoU against several opinions, the best three of which count (1708.01641)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["evaluate", "segment_iou"]

OPINIONS = 3
Segment = tuple[int, int]


def segment_iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """IoU of inclusive segment ranges, pairwise: (N, 2), (M, 2) -> (N, M).

    >>> segment_iou([[0, 1]], [[0, 0], [0, 1], [2, 3]]).tolist()
    [[0.5, 1.0, 0.0]]
    """
    left, right = np.atleast_2d(np.asarray(a))[:, None], np.atleast_2d(np.asarray(b))[None]
    shared = np.minimum(left[..., 1], right[..., 1]) - np.maximum(left[..., 0], right[..., 0]) + 1
    hull = np.maximum(left[..., 1], right[..., 1]) - np.minimum(left[..., 0], right[..., 0]) + 1
    ratio: NDArray[np.float64] = np.maximum(shared, 0) / hull
    return ratio


def evaluate(rankings: Sequence[Sequence[Segment]], opinions: Sequence[Sequence[Segment]]) -> dict[str, float]:
    """Percentages `rank@1`, `rank@5` and `mIoU`.

    `rankings`: all candidate segment ranges of each query, best first; `opinions`: what its annotators chose, three or
    more. A query's rank is the mean of the three best ranks, its IoU that of the first candidate with the three
    opinions it fits best. Raises ValueError for fewer opinions or a choice that is not ranked.
    """
    ranks, overlaps = [], []
    for ranking, chosen in zip(rankings, opinions, strict=True):
        if len(chosen) < OPINIONS:
            raise ValueError(f"a DiDeMo query needs {OPINIONS} opinions, got {len(chosen)}")
        place = {tuple(candidate): rank for rank, candidate in enumerate(ranking, start=1)}
        if missing := [choice for choice in chosen if tuple(choice) not in place]:
            raise ValueError(f"the choice {missing[0]} is not among the ranked candidates")
        ranks.append(np.mean(sorted(place[tuple(choice)] for choice in chosen)[:OPINIONS]))
        overlaps.append(np.mean(np.sort(segment_iou(ranking[0], chosen)[0])[-OPINIONS:]))
    mean = np.array(ranks)
    return {
        "rank@1": 100 * float((mean <= 1).mean()),
        "rank@5": 100 * float((mean <= 5).mean()),
        "mIoU": 100 * float(np.mean(overlaps)),
    }
