"""Several moments at once: a soft F1 of the best one-to-one assignment, and whether the number is right."""

from __future__ import annotations

from whenabouts import moment
from whenabouts.errors import MissingExtra
from whenabouts.rewards.parse import Window, read
from whenabouts.rewards.target import Target

__all__ = ["count", "segments", "soft_f1"]


def segments(completion: str, target: Target) -> float:
    """Soft F1 of all intervals in [0, 1]; 1 only for the exact set. Two empty sets agree if the answer says so.

    >>> round(segments("[[0, 10], [20, 30]]", Target(((0.0, 10.0),), 60.0)), 3)
    0.667
    """
    answer = read(completion, duration=target.duration)
    if not target.windows:
        return float(answer.absent)
    return soft_f1(answer.windows, target.windows)


def soft_f1(windows: tuple[Window, ...], truths: tuple[Window, ...]) -> float:
    """2 Σ tIoU / (N + M) over the assignment with the greatest total tIoU (Hungarian algorithm).

    Every window beyond the assignment lowers the score as a miss does, so that listing everything does not pay.
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise MissingExtra("rl", "the reward for several segments") from error
    if not windows or not truths:
        return float(not windows and not truths)
    overlaps = moment.tiou(windows, truths)
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    return float(2 * overlaps[rows, columns].sum() / (len(windows) + len(truths)))


def count(completion: str, target: Target) -> float:
    """How near the number of intervals is: the smaller number over the greater, in [0, 1].

    >>> count("[[0, 10], [20, 30]]", Target(((0.0, 10.0),), 60.0))
    0.5
    """
    answer = read(completion, duration=target.duration)
    found, true = len(answer.windows), len(target.windows)
    if not true:
        return float(answer.absent)
    return min(found, true) / max(found, true)
