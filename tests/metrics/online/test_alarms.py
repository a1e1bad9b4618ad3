"""Alarms in time: point-level precision, false alarms per hour, windows that are due, speaking and silence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from online_answers import DURATION, answers

from whenabouts.metrics.online import (
    OnlineAnswer,
    count_windows,
    false_alarms_per_hour,
    first_correct,
    first_words,
    point_map,
    proactive,
    recall_at_false_alarms,
    revisions,
    sw_f1,
)
from whenabouts.metrics.online.alarms import quiet_hours
from whenabouts.metrics.online.points import point_average_precision
from whenabouts.moment import tiou


def test_a_target_is_found_once_by_the_best_alarm_near_it() -> None:
    assert point_average_precision([10, 11], [0.9, 0.8], [10], offset=2) == 1.0
    assert point_average_precision([10, 11], [0.8, 0.9], [10], offset=0.5) == 0.5
    assert point_average_precision([9, 11], [0.9, 0.8], [10, 12], offset=1) == 1.0, "the nearest free one is taken"
    assert point_average_precision([], [], [10], offset=5) == 0.0
    assert math.isnan(point_average_precision([1], [1], [], offset=5))


def test_depth_asks_for_the_first_share_of_recall() -> None:
    points, scores, targets = [10, 99, 20], [0.9, 0.8, 0.7], [10, 20, 30, 40]
    assert point_average_precision(points, scores, targets, 1) == pytest.approx((1 + 2 / 3) / 4)
    assert point_average_precision(points, scores, targets, 1, depth=0.5) == pytest.approx((1 + 2 / 3) / 2)
    assert point_average_precision(points, scores, targets, 1, depth=0.25) == 1.0


@given(st.lists(answers(), max_size=4), st.integers(1, 9))
def test_a_wider_offset_never_finds_fewer_first_alarms(streams: list[OnlineAnswer], offset: int) -> None:
    one = [OnlineAnswer(a.moments[:1], a.emitted[:1], a.scores[:1], a.truths[:1], DURATION) for a in streams]
    narrow, wide = point_map(one, offset), point_map(one, offset + 1)
    assert math.isnan(narrow) or 0 <= narrow <= wide <= 1


def test_ten_false_alarms_cost_as_much_as_one_miss() -> None:
    assert sw_f1(1, 10, 0) == 0.5
    assert sw_f1(1, 10, 0) == pytest.approx(2 / (2 + 0.2 * 10))
    assert sw_f1(1, 0, 1) == 0.5 and sw_f1(0, 3, 0) == 0.0 and math.isnan(sw_f1(0, 0, 0))


def test_windows_that_are_due_are_counted_once() -> None:
    streams = [
        OnlineAnswer([[10, 20], [12, 20], [40, 50]], [[12, 20], [13, 20], [40, 50]], [1, 1, 1], [[10, 20]], 60),
        OnlineAnswer([], [], [], [[10, 20]], 60),
        OnlineAnswer([[10, 20]], [[21, 22]], [1], [[10, 20]], 60),
    ]
    counts = count_windows(streams)
    assert (counts.hits, counts.false_alarms, counts.misses) == (1, 2, 2)
    assert count_windows(streams, late=1.0).hits == 2


def test_false_alarms_are_counted_against_the_hours_without_the_event() -> None:
    stream = OnlineAnswer([[10, 20], [300, 310]], [[23, 24], [301, 310]], [0.9, 0.4], [[0, 20], [10, 100]], 1900)
    assert quiet_hours([stream]) == 0.5, "overlapping true windows are joined"
    assert false_alarms_per_hour([stream]) == 2.0
    assert false_alarms_per_hour([stream, OnlineAnswer([], [], [], [], 1800)]) == 1.0
    beyond = OnlineAnswer([[1, 2]], [[2, 3]], [1], [[0, 10]], 10)
    assert math.isnan(false_alarms_per_hour([beyond])), "no alarm is false, and no hour is quiet"
    assert false_alarms_per_hour([OnlineAnswer([[1, 2]], [[99, 99]], [1], [[0, 10]], 10)]) == math.inf
    assert math.isnan(false_alarms_per_hour([]))


def test_recall_is_bought_with_false_alarms() -> None:
    stream = OnlineAnswer(
        [[10, 20], [30, 40], [50, 60], [70, 80]],
        [[11, 20], [31, 40], [51, 60], [71, 80]],
        [0.9, 0.8, 0.7, 0.6],
        [[10, 20], [50, 60]],
        1820,
    )
    assert recall_at_false_alarms([stream], (0.1, 1, 2, 10)) == {0.1: 0.5, 1: 0.5, 2: 1.0, 10: 1.0}
    silent = OnlineAnswer([], [], [], [[1, 2]], 60)
    assert recall_at_false_alarms([silent], (1,)) == {1: 0.0}
    assert math.isnan(recall_at_false_alarms([], (1,))[1])


@given(st.lists(answers(), min_size=1, max_size=4), st.sampled_from([0.1, 10.0, 40.0, 1000.0]))
def test_recall_equals_trying_every_threshold(streams: list[OnlineAnswer], rate: float) -> None:
    windows = sum(len(a.truths) for a in streams)
    if not windows:
        return
    best = 0
    for level in {float(s) for a in streams for s in a.alarms}:
        found = false = 0
        for a in streams:
            near = a.near(2.0)[a.alarms >= level]
            found += int(near.any(axis=0).sum())
            false += int((~near.any(axis=1)).sum())
        hours = quiet_hours(streams)
        if not false or (hours and false / hours <= rate):
            best = max(best, found)
    assert recall_at_false_alarms(streams, (rate,))[rate] == pytest.approx(best / windows)


def test_always_speaking_and_always_silent_are_told_apart() -> None:
    never = math.nan
    always = proactive([1.0] * 4, [10, 20, 30, never])
    assert (always.right, always.wrong_time, always.silent) == (0, 1, 0)
    silent = proactive([never] * 4, [10, 20, 30, never])
    assert (silent.right, silent.wrong_time, silent.silent) == (0.25, 0, 0.75)
    exact = proactive([8, 12, 12.1, 7.9], [10] * 4)
    assert (exact.right, exact.wrong_time) == (0.5, 0.5), "2 s to either side"
    assert math.isnan(proactive([], []).right)
    with pytest.raises(ValueError, match="1 times need as many targets"):
        proactive([1], [])


@given(st.lists(answers(), min_size=1, max_size=6))
def test_the_shares_of_speaking_add_up(streams: list[OnlineAnswer]) -> None:
    shares = first_words(streams)
    assert shares.right + shares.wrong_time + shares.silent == pytest.approx(1)


def test_what_is_told_becomes_right_before_it_ends() -> None:
    history = [[0, 12, 10, math.nan], [0, 13, 10, math.nan], [0, 21, 10, 20]]
    stream = OnlineAnswer([[10, 20]], [[12, 21]], [0.9], [[10, 20], [40, 50]], 60, history=history)
    np.testing.assert_array_equal(first_correct(stream), [15, np.nan])
    assert revisions([stream]) == 1.0
    unrevised = OnlineAnswer([[10, 20]], [[12, 21]], [0.9], [[10, 20]], 60)
    assert first_correct(unrevised).tolist() == [15.0] and revisions([unrevised]) == 0.0
    at_once = OnlineAnswer([[10, 20]], [[22, 22]], [0.9], [[10, 20]], 60)
    assert first_correct(at_once).tolist() == [22.0]
    before = OnlineAnswer([[10, 20]], [[5, 5]], [0.9], [[10, 20]], 60)
    assert first_correct(before).tolist() == [5.0], "what was foretold is right when it is told"
    assert math.isnan(revisions([])) and not len(first_correct(OnlineAnswer([], [], [], [], 9)))


@settings(max_examples=30)
@given(answers(), st.sampled_from([0.31, 0.51, 0.71]))  # no IoU of whole seconds, so that no instant decides
def test_the_first_correct_time_equals_watching_in_small_steps(answer: OnlineAnswer, threshold: float) -> None:
    history = answer.history
    first = first_correct(answer, threshold)
    for i, truth in enumerate(answer.truths):
        seen = math.nan
        for tick in range(5 * 130):
            now = tick / 5
            for moment in set(history[:, 0]):
                told = history[(history[:, 0] == moment) & (history[:, 1] <= now + 1e-9)]
                if not len(told):
                    continue
                start, end = told[-1, 2], now if math.isnan(told[-1, 3]) else told[-1, 3]
                if start < end and tiou((start, end), truth)[0, 0] >= threshold - 1e-9:
                    seen = now
            if not math.isnan(seen):
                break
        assert math.isnan(seen) == math.isnan(first[i]) and not abs(seen - first[i]) > 0.2 + 1e-6
