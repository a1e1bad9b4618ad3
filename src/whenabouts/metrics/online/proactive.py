"""Speaking at the right time, and the two opposite ways to fail: speaking at any time, and never.

The rule is that of StreamingBench's proactive task (arXiv:2411.03628, code 8929923): the first time that a model speaks
must lie within 2 s of the truth. The two failures are told apart, as one number hides which it was (arXiv:2605.17360).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.metrics.online.answer import OnlineAnswer

__all__ = ["Proactive", "first_words", "proactive"]

TOLERANCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Proactive:
    """Shares of all queries, which add up to 1; NaN without queries.

    right:      spoke in time, or was silent where nothing was to be said
    wrong_time: spoke, but not in time, or where nothing was to be said
    silent:     said nothing where something was to be said
    """

    right: float
    wrong_time: float
    silent: float


def proactive(spoken: ArrayLike, targets: ArrayLike, tolerance: float = TOLERANCE) -> Proactive:
    """When each query was first answered, (Q,) seconds, against when it should be, (Q,); NaN is never, in both.

    >>> proactive([11, 50, float("nan")], [10, 10, 10])
    Proactive(right=0.3333333333333333, wrong_time=0.3333333333333333, silent=0.3333333333333333)
    """
    told, due = np.asarray(spoken, dtype=np.float64).ravel(), np.asarray(targets, dtype=np.float64).ravel()
    if len(told) != len(due):
        raise ValueError(f"{len(told)} times need as many targets, got {len(due)}")
    if not len(told):
        return Proactive(*[float("nan")] * 3)
    quiet, never = np.isnan(told), np.isnan(due)
    right = (np.abs(told - due) <= tolerance) | (quiet & never)
    return Proactive(float(right.mean()), float((~quiet & ~right).mean()), float((quiet & ~never).mean()))


def first_words(answers: Sequence[OnlineAnswer], tolerance: float = TOLERANCE) -> Proactive:
    """The rule for standing queries: the first start that is told against the first true start."""
    spoken = [np.min(answer.emitted[:, 0]) if len(answer.emitted) else np.nan for answer in answers]
    targets = [np.min(answer.truths[:, 0]) if len(answer.truths) else np.nan for answer in answers]
    return proactive(spoken, targets, tolerance)
