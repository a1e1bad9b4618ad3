"""Several answers become one, and what they disagree on shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.consensus import consensus

window = st.tuples(st.floats(0, 100), st.floats(0.5, 50)).map(lambda w: (w[0], w[0] + w[1]))


def test_the_median_wins_over_an_outlier() -> None:
    [moment, outlier] = consensus([[(10, 20)], [(11, 20)], [(10, 21)], [(80, 90)]])
    assert (moment.start, moment.end, moment.share) == (10, 20, 0.75)
    assert 0 < moment.start_spread < 1
    assert (outlier.start, outlier.share) == (80, 0.25)


def test_answers_without_windows_count_against_all() -> None:
    [moment] = consensus([[(0, 5)], [], [], []])
    assert moment.share == 0.25
    assert consensus([[], []]) == []


def test_several_moments_of_one_answer_stay_apart() -> None:
    moments = consensus([[(0, 5), (20, 30)], [(0, 6), (21, 30)]])
    assert [(m.start, m.end) for m in moments] == [(0, 5.5), (20.5, 30)]


@given(st.lists(st.lists(window, max_size=3), min_size=1, max_size=6))
def test_moments_lie_within_what_was_said(answers: list[list[tuple[float, float]]]) -> None:
    told = [w for windows in answers for w in windows]
    for moment in consensus(answers):
        assert min(w[0] for w in told) <= moment.start < moment.end <= max(w[1] for w in told)
        assert 0 < moment.share <= 1 and moment.start_spread >= 0
    assert bool(consensus(answers)) == bool(told)


def test_equal_answers_have_no_spread() -> None:
    [moment] = consensus([[(2, 4)]] * 5)
    assert (moment.share, moment.start_spread, moment.end_spread) == (1, 0, 0)
    assert moment.start == pytest.approx(2)
