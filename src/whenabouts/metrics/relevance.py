"""Whether an answer is right about a query that may not happen: saying so counts as an overlap of 1.

RA-IoU (relevance-aware; RA-RFT, arXiv:2511.23151, and before it TSG-RF) is the overlap where a query happens and the
answer has a window, 1 where it does not happen and the answer says so, else 0. A model that never answers gets the
share of negatives, so the score means little without those of trivial answers beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Confusion", "confusion", "ra_iou"]


class Confusion(NamedTuple):
    """Counts of queries that happen and were answered (tp), were not (fn), and of the others alike (fp, tn)."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def accuracy(self) -> float:
        """Share of queries of which the answer says rightly whether they happen; 0 of none."""
        return _share(self.tp + self.tn, sum(self))

    @property
    def precision(self) -> float:
        """Share of the queries that happen among those that were answered."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the queries that were answered among those that happen."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where both are."""
        precision, recall = self.precision, self.recall
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    @property
    def of_absence(self) -> Confusion:
        """The same with the two classes exchanged."""
        return Confusion(self.tn, self.fn, self.fp, self.tp)


def confusion(says: ArrayLike, happens: ArrayLike) -> Confusion:
    """What answers say, (Q,) bool, against what is so, (Q,) bool.

    >>> confusion([True, True, False], [True, False, False])
    Confusion(tp=1, fp=1, fn=0, tn=1)
    """
    said, so = np.asarray(says, bool), np.asarray(happens, bool)
    counts = [said & so, said & ~so, ~said & so, ~said & ~so]
    return Confusion(*(int(each.sum()) for each in counts))


def ra_iou(iou: ArrayLike, says: ArrayLike, happens: ArrayLike) -> NDArray[np.float64]:
    """(Q,) overlaps in [0, 1] that also pay for saying that nothing happens.

    >>> ra_iou([0.6, 0.9, 0.0], [True, True, False], [True, False, False]).tolist()
    [0.6, 0.0, 1.0]
    """
    said, so = np.asarray(says, bool), np.asarray(happens, bool)
    paid: NDArray[np.float64] = np.where(
        so, np.where(said, np.asarray(iou, np.float64), 0.0), (~said).astype(np.float64)
    )
    return paid


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
