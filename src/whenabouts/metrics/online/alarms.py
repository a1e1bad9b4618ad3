"""False alarms per hour, and the recall that a given number of them buys.

Definitions of our own: no work on language queries defines them; surveillance has the like (TRECVID SED). An alarm is a
start that is told. It is false if it is told in no true window of its query, each widened by a tolerance on both sides.
The hours are those of all streams in which the query does not happen: two queries on one stream count it twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.metrics.online.answer import OnlineAnswer
from whenabouts.moment import merge

__all__ = ["RATES", "TOLERANCE", "false_alarms", "false_alarms_per_hour", "quiet_hours", "recall_at_false_alarms"]

TOLERANCE = 2.0  # seconds; ours, after the ±2 s of StreamingBench
RATES = (0.1, 1.0, 10.0)  # false alarms per hour


def false_alarms(answers: Sequence[OnlineAnswer], tolerance: float = TOLERANCE) -> int:
    """How many alarms are false, over all queries."""
    return sum(int((~answer.near(tolerance).any(axis=1)).sum()) for answer in answers)


def quiet_hours(answers: Sequence[OnlineAnswer]) -> float:
    """Hours of stream in which the query did not happen, summed over all queries."""
    quiet = 0.0
    for answer in answers:
        busy = merge(np.clip(answer.truths, 0.0, answer.duration))
        quiet += max(0.0, answer.duration - float((busy[:, 1] - busy[:, 0]).sum()))
    return quiet / 3600


def false_alarms_per_hour(answers: Sequence[OnlineAnswer], tolerance: float = TOLERANCE) -> float:
    """False alarms per hour in which the query did not happen; without such hours inf, or NaN without alarms.

    >>> false_alarms_per_hour([OnlineAnswer([[10, 20]], [[12, 21]], [0.9], [], duration=1800)])
    2.0
    """
    return _rate(false_alarms(answers, tolerance), quiet_hours(answers))


def recall_at_false_alarms(
    answers: Sequence[OnlineAnswer], rates: Sequence[float] = RATES, tolerance: float = TOLERANCE
) -> dict[float, float]:
    """The greatest share of true windows with an alarm, by the false alarms per hour that are allowed.

    The threshold on the score that an alarm was told with is swept over all queries together; equal scores come at
    once. 0 where even the best alarms are more than allowed; NaN without true windows.
    """
    hours, windows = quiet_hours(answers), sum(len(a.truths) for a in answers)
    scores, wrong, first = [np.zeros(0)], [np.zeros(0, dtype=bool)], [np.zeros(0)]
    for answer in answers:
        near = answer.near(tolerance)
        scores.append(answer.alarms)
        wrong.append(np.logical_not(near.any(axis=1)))
        best = np.where(near, answer.alarms[:, None], -np.inf).max(axis=0, initial=-np.inf)
        first.append(best[np.isfinite(best)])  # the highest threshold at which each window still has its alarm
    if not windows:
        return dict.fromkeys(rates, float("nan"))
    levels = np.unique(np.concatenate(scores))
    false = np.sort(np.concatenate(scores)[np.concatenate(wrong)])
    found = np.sort(np.concatenate(first))
    false_at = len(false) - np.searchsorted(false, levels)
    found_at = len(found) - np.searchsorted(found, levels)
    allowed = {k: np.array([not count or _rate(int(count), hours) <= k for count in false_at], bool) for k in rates}
    return {k: float(found_at[which].max(initial=0)) / windows for k, which in allowed.items()}


def _rate(count: int, hours: float) -> float:
    if hours:
        return count / hours
    return float("inf") if count else float("nan")
