"""SW-F1: F1 over windows in which an answer is due, with cheap false alarms (StreamingHarness, arXiv:2606.08615).

With its weights ten false alarms cost as much as one miss: read it beside false alarms per hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whenabouts.metrics.online.answer import OnlineAnswer

__all__ = ["WindowCounts", "count_windows", "sw_f1"]

HIT, FALSE_ALARM, MISS = 2.0, 0.2, 2.0  # weights


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """`hits`: windows with an answer in them, `misses`: windows without one, `false_alarms`: answers in no window."""

    hits: int
    false_alarms: int
    misses: int


def sw_f1(hits: int, false_alarms: int, misses: int) -> float:
    """SW-F1 in [0, 1]; NaN where nothing was due and nothing was said.

    >>> sw_f1(1, 10, 0)
    0.5
    """
    weight = HIT * hits + FALSE_ALARM * false_alarms + MISS * misses
    return HIT * hits / weight if weight else float("nan")


def count_windows(answers: Sequence[OnlineAnswer], late: float = 0.0) -> WindowCounts:
    """Windows and answers over all queries.

    An answer is due from the start of a true window to `late` seconds after its end, and is given when a start is told;
    a second one in the same window is neither hit nor false alarm.
    """
    hits = alarms = misses = 0
    for answer in answers:
        told = answer.emitted[:, :1]
        inside = (told >= answer.truths[:, 0]) & (told <= answer.truths[:, 1] + late)
        hits += int(inside.any(axis=0).sum())
        misses += int((~inside.any(axis=0)).sum())
        alarms += int((~inside.any(axis=1)).sum())
    return WindowCounts(hits, alarms, misses)
