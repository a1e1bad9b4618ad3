"""Delays, decayed recall and precision: late, early and missing streams worked out by hand, and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from online_answers import answers

from whenabouts.metrics.online import OnlineAnswer, delays, online_map, online_recall, timeliness
from whenabouts.metrics.online.decayed import online_average_precision

LATE = OnlineAnswer([[10, 20]], [[14, 22]], [0.9], [[10, 20]], 60)
EARLY = OnlineAnswer([[31, 40]], [[25, 38]], [0.8], [[30, 40]], 60)
MISSING = OnlineAnswer([], [], [], [[50, 60]], 60)
ABSENT = OnlineAnswer([[1, 9]], [[2, 9]], [0.9], [], 60)


def test_early_and_late_cancel_in_the_mean_only() -> None:
    found = delays([LATE, EARLY, MISSING, ABSENT])
    assert (found.hits, found.truths) == (2, 3), "the missing one is in the denominator"
    assert found.start.mean == -0.5 and found.start.median == -0.5
    assert found.start.absolute_median == 4.5 and found.start.absolute_p90 == pytest.approx(4.9)
    assert found.start.early == 0.5 and found.end.early == 0.5
    assert found.end.mean == 0.0 and found.end.absolute_median == 2.0


def test_without_a_hit_a_delay_is_not_a_number() -> None:
    for nothing in ([], [MISSING], [ABSENT]):
        found = delays(nothing)
        assert found.hits == 0 and math.isnan(found.start.mean) and math.isnan(found.end.early)


def test_the_decay_of_the_paper() -> None:
    np.testing.assert_allclose(timeliness([0, 2, 6]), [1, (0 + 1 / 3 + 3 / 5) / 3, 0])
    assert timeliness(-4) == 1.0, "what is told before the end is not late"


def test_decayed_recall_counts_every_query_that_happens() -> None:
    two = float(timeliness(2))
    assert online_recall([LATE], 1, 0.5) == pytest.approx(two)
    assert online_recall([LATE, EARLY, MISSING, ABSENT], 1, 0.5) == pytest.approx((two + 1 + 0) / 3)
    half = OnlineAnswer([[0, 10]], [[0, 10]], [1], [[0, 20]], 60)
    assert online_recall([half], 1, 0.5) == 0.0 and online_recall([half], 1, 0.49) == 1.0, "IoU > m"
    assert math.isnan(online_recall([ABSENT], 1, 0.5)) and math.isnan(online_map([], 0.5))


def test_decayed_precision_by_hand() -> None:
    wrong_first = OnlineAnswer([[40, 50], [10, 20]], [[40, 50], [10, 22]], [0.9, 0.5], [[10, 20]], 60)
    assert online_average_precision(wrong_first, 0.5) == pytest.approx(timeliness(2) ** 2 / 2)
    again = OnlineAnswer([[10, 20], [10, 20]], [[10, 20], [10, 20]], [0.9, 0.5], [[10, 20]], 60)
    assert online_average_precision(again, 0.5) == 1.0, "what is told twice is not found twice"
    late_second = OnlineAnswer(
        [[0, 10], [20, 30], [40, 50]], [[0, 10], [20, 90], [40, 50]], [3, 2, 1], [[0, 10], [20, 30], [40, 50]], 60
    )
    assert online_average_precision(late_second, 0.5) == pytest.approx(1 / 3 + 2 / 3)


@given(st.lists(answers(), max_size=5), st.sampled_from([0.3, 0.5, 0.7]))
def test_decay_only_takes_recall_away_and_precision_stays_within_bounds(
    streams: list[OnlineAnswer], threshold: float
) -> None:
    happen = [a for a in streams if len(a.truths)]
    at_once = [OnlineAnswer(a.moments, a.emitted * 0, a.scores, a.truths, a.duration) for a in happen]
    if happen:
        assert 0 <= online_recall(happen, 1, threshold) <= online_recall(at_once, 1, threshold) <= 1
        assert 0 <= online_map(happen, threshold) <= 1 + 1e-12
    assert math.isnan(online_recall([], 1, threshold))


@given(answers(), st.integers(1, 4))
def test_decayed_recall_equals_a_plain_loop(answer: OnlineAnswer, n: int) -> None:
    if not len(answer.truths):
        return
    best = 0.0
    for (start, end), (_, told) in zip(answer.moments[:n], answer.emitted[:n], strict=True):
        for true_start, true_end in answer.truths:
            shared = max(0.0, min(end, true_end) - max(start, true_start))
            if shared / (end - start + true_end - true_start - shared) > 0.5:
                lines = [min(1.0, max(0.0, 1 - (told - true_end) / horizon)) for horizon in (1, 3, 5)]
                best = max(best, sum(lines) / 3)
    assert online_recall([answer], n, 0.5) == pytest.approx(best)


@given(answers())
def test_decayed_precision_follows_the_formula_where_one_window_is_true(answer: OnlineAnswer) -> None:
    one = OnlineAnswer(answer.moments, answer.emitted, answer.scores, [[10, 22]], 120)
    found = one.matched(0.5, strict=True)
    total = previous = beta = hits = 0.0
    for rank, truth in enumerate(found, 1):
        if truth >= 0:
            hits, beta = hits + 1, float(timeliness(one.emitted[rank - 1, 1] - 22))
        total += (beta * hits - previous) * beta * hits / rank
        previous = beta * hits
    assert online_average_precision(one, 0.5) == pytest.approx(total)
