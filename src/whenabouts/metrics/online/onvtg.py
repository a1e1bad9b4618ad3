"""R@n, SD and ED as the official code of OnVTG has them (arXiv:2508.04546; github.com/minghangz/OnVTG, 1f6309c).

Its habits, all kept: float32; IoU >= m; queries without a proposal are skipped, so that saying nothing costs nothing;
SD and ED are signed means over the hits of rank 1, averaged over the thresholds; proposals are ranked by their score
over the whole stream, after it has ended. `metrics.online.delay` has figures without these habits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import AnnotationError
from whenabouts.metrics.matching import union_iou

__all__ = ["OnVTGFigures", "onvtg", "suppress"]

SUPPRESSION = 0.7  # IoU above which a weaker proposal is dropped
THRESHOLDS = (0.3, 0.5, 0.7)
RANKS = (1, 5)


@dataclass(frozen=True, slots=True)
class OnVTGFigures:
    """The official figures.

    recall:       R@n,IoU=m in [0, 1] by (n, m), over the `queries` that have a proposal
    start_delay:  seconds by m, NaN without a hit; end_delay likewise
    sd, ed:       their means over m, NaN where one is
    miou:         mean IoU of rank 1
    queries, skipped: how many count, and how many do not since they have no proposal
    """

    recall: dict[tuple[int, float], float]
    start_delay: dict[float, float]
    end_delay: dict[float, float]
    sd: float
    ed: float
    miou: float
    queries: int
    skipped: int


def onvtg(
    proposals: Sequence[ArrayLike],
    scores: Sequence[ArrayLike],
    truths: ArrayLike,
    *,
    ranks: Sequence[int] = RANKS,
    thresholds: Sequence[float] = THRESHOLDS,
) -> OnVTGFigures:
    """The figures of proposals against one true window a query.

    proposals: of each query (N, 4): [start, end, when the start was told, when the end was] in seconds
    scores:    of each query (N,)
    truths:    (Q, 2) seconds

    Among equal scores the first counts; the official order of those is that of torch's sort, which is not defined.
    Where no query has a proposal all figures are NaN. Raises AnnotationError where these are not as many, or no rows
    of numbers.
    """
    limits = np.asarray(thresholds, dtype=np.float64)
    hits, late, best = np.zeros((len(ranks), len(limits))), np.zeros((2, len(limits))), []
    targets = _rows(truths, 2)
    if not len(proposals) == len(scores) == len(targets):
        raise AnnotationError(
            f"every query needs proposals, scores and a true window, got those of {len(proposals)}, {len(scores)} and "
            f"{len(targets)} queries"
        )
    for rows, score, truth in zip(proposals, scores, targets, strict=True):
        table = _rows(rows, 4)
        if len(table) != np.size(score):
            raise AnnotationError(f"every proposal needs a score, got {len(table)} and {np.size(score)} for a query")
        table = table[_ranked(score)[: max(ranks)]]
        if not len(table):
            continue
        iou = union_iou(table[:, :2], np.broadcast_to(truth, (len(table), 2))).astype(np.float64)
        hits += np.array([iou[:n].max() for n in ranks])[:, None] >= limits  # a NaN IoU makes no hit
        late += (table[0, 2:] - truth)[:, None].astype(np.float64) * (limits <= iou[0])
        best.append(float(iou[0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, delay = hits / np.float64(len(best)), late / hits[0]
    return OnVTGFigures(
        {(n, m): float(recall[i, j]) for i, n in enumerate(ranks) for j, m in enumerate(thresholds)},
        dict(zip(thresholds, delay[0].tolist(), strict=True)),
        dict(zip(thresholds, delay[1].tolist(), strict=True)),
        float(delay[0].mean()),
        float(delay[1].mean()),
        sum(best) / len(best) if best else float("nan"),
        len(best),
        len(targets) - len(best),
    )


def suppress(proposals: ArrayLike, scores: ArrayLike, *, threshold: float = SUPPRESSION, keep: int = 5) -> list[int]:
    """Rows of proposals (N, 2 or more) that stay, best score (N,) first: at most `keep`.

    None overlaps one before it by IoU > threshold, in float32; where the IoU is NaN the weaker one is dropped.
    """
    rows: Any = np.asarray(proposals, dtype=np.float32)
    windows = rows.reshape(-1, rows.shape[-1] if rows.size else 2)[:, :2]
    left = _ranked(scores)
    kept: list[int] = []
    while len(left) and len(kept) < keep:
        kept.append(int(left[0]))
        others = windows[left[1:]]
        left = left[1:][union_iou(np.broadcast_to(windows[left[0]], others.shape), others) <= np.float32(threshold)]
    return kept


def _rows(values: ArrayLike, columns: int) -> Any:
    try:
        return np.asarray(values, dtype=np.float32).reshape(-1, columns)
    except (TypeError, ValueError):
        raise AnnotationError(f"proposals and true windows must be rows of numbers, {columns} each") from None


def _ranked(scores: ArrayLike) -> NDArray[np.intp]:
    """Best first; a NaN is above all numbers, as in torch."""
    values = np.asarray(scores, dtype=np.float32).ravel()
    return np.lexsort((-values, ~np.isnan(values)))
