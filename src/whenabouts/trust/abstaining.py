"""From which presence on answers are given, so that few of those given are wrong: selective prediction.

An answer is wrong where the query does not happen, or where the best moment misses every true one (tIoU < 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.metrics.selective import risks
from whenabouts.trust.answered import Answered

__all__ = ["given", "threshold_for"]


def given(answers: Sequence[Answered], presence: ArrayLike, abstain: float) -> NDArray[np.bool_]:
    """(N,) whether each answer has a moment and a presence of at least `abstain`."""
    enough = np.asarray(presence, np.float64) >= abstain
    given_: NDArray[np.bool_] = np.logical_and(enough, [one.best is not None for one in answers])
    return given_


def threshold_for(answers: Sequence[Answered], presence: ArrayLike, risk: float) -> float:
    """The smallest presence from which on at most `risk` of the answers given are wrong, and one more that is.

    The one more, (wrong + 1) / (given + 1), keeps a few lucky answers from deciding. That is what was so on these
    answers, not a bound for other videos: videos that were held out show what it is worth. Answers without a moment are
    never given. Raises InputError where even the surest answers are wrong more often.
    """
    if not 0 < risk < 1:
        raise InputError(f"a risk lies between 0 and 1, not {risk:g}")
    moments = np.array([one.best is not None for one in answers])
    p = np.asarray(presence, np.float64)[moments]
    right = np.array([one.right for one in answers])[moments]
    order = np.sort(p)[::-1]
    whole = np.append(order[1:] < order[:-1], True) if len(order) else np.zeros(0, bool)  # equals are given together
    count = np.arange(1, len(order) + 1)
    kept = np.flatnonzero(whole & ((risks(p, right) * count + 1) / (count + 1) <= risk + 1e-12))
    if not len(kept):
        raise InputError(f"no answers are surer than the others so that at most {risk:.0%} are wrong; allow more risk")
    return float(order[kept[-1]])
