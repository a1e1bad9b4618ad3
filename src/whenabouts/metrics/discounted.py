"""dR@n,IoU=m: recall that counts a hit less the farther its ends are from the truth (Yuan et al. 2021, 2101.09028).

Plain recall rewards long predictions where annotations are long; the discount α = (1 − |Δstart| / T)(1 − |Δend| / T),
with T the length of the video, does not. The authors published no code of it; of several hits the paper takes none in
particular, and here the one with the least discount counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.ranking import overlaps

__all__ = ["discounted_hits", "discounted_recall"]


def discounted_recall(
    predictions: Sequence[ArrayLike],
    truths: Sequence[ArrayLike],
    durations: ArrayLike,
    n: int,
    threshold: float,
    *,
    strict: bool = True,
) -> float:
    """dR@n,IoU@m in [0, 1]: the mean of `discounted_hits`.

    >>> discounted_recall([[[0, 9]]], [[0, 10]], [10.0], n=1, threshold=0.5)
    0.9
    """
    return float(discounted_hits(predictions, truths, durations, n, threshold, strict=strict).mean())


def discounted_hits(
    predictions: Sequence[ArrayLike],
    truths: Sequence[ArrayLike],
    durations: ArrayLike,
    n: int,
    threshold: float,
    *,
    strict: bool = True,
) -> NDArray[np.float64]:
    """(Q,) what each query adds, in [0, 1]: r · α of the first n windows that reach `threshold`, 0 without one.

    truths:    one or several [start, end] in seconds a query; of several the one that leaves most counts
    durations: (Q,) of the videos, in seconds; NaN where one is not known, and so is what the query adds
    strict:    a hit needs IoU > threshold, else IoU >= threshold
    """
    lengths = np.asarray(durations, dtype=np.float64)
    out = np.zeros(len(lengths))
    for q, (answer, truth) in enumerate(zip(predictions, truths, strict=True)):
        rows = np.asarray(answer, dtype=np.float64).reshape(-1, np.shape(answer)[-1] if np.size(answer) else 2)[:n, :2]
        for target in np.asarray(truth, dtype=np.float64).reshape(-1, 2):
            iou = overlaps([rows], [target], ranks=n)[0, : len(rows)]
            shift = np.minimum(np.abs(rows - target) / lengths[q], 1.0)
            reached = iou > threshold if strict else iou >= threshold
            out[q] = np.maximum(out[q], np.max((1 - shift).prod(axis=1) * reached, initial=0.0))
    return out
