"""The scoring of answers: golden cases, and what must hold for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evaluation.answers import AnswerScore, score_answer

TRUTH = [(100.0, 103.0), (200.0, 204.0)]


@pytest.mark.parametrize(
    ("moments", "right", "at_5"),
    [
        ([(100.0, 103.0)], True, True),
        ([(201.0, 202.0)], True, True),  # any of the true windows
        ([(98.0, 99.5)], True, True),  # within the margin of one second
        ([(98.0, 98.9)], False, False),
        ([(104.0, 106.0)], False, False),  # touches the margin, no more
        ([(90.0, 118.0)], True, True),  # 28 s = 6 × 3 s + 10 s
        ([(90.0, 118.1)], False, False),
        ([(10.0, 12.0), (100.0, 103.0)], False, True),
        ([(float(t), t + 1.0) for t in range(5)] + [(100.0, 103.0)], False, False),  # sixth
        ([], False, False),
    ],
)
def test_the_first_moment_counts(moments: list[tuple[float, float]], right: bool, at_5: bool) -> None:
    assert score_answer(moments, 0.9, TRUTH) == AnswerScore(right, at_5)


def test_a_moment_is_right_even_if_presence_is_low_but_only_where_something_happens() -> None:
    assert score_answer([(100.0, 103.0)], 0.1, TRUTH).right
    assert score_answer([(100.0, 103.0)], 0.29, []).right
    assert not score_answer([(100.0, 103.0)], 0.3, []).right
    assert not score_answer([(100.0, 103.0)], None, []).right
    assert score_answer([], None, []).right


def test_every_needs_all_windows_at_any_rank() -> None:
    far = [(float(t), t + 1.0) for t in range(8)]
    assert score_answer([*far, (200.0, 204.0), (100.0, 103.0)], 0.9, TRUTH, every=True).right
    assert not score_answer([(100.0, 103.0)], 0.9, TRUTH, every=True).right
    assert not score_answer([(99.0, 205.0)], 0.9, TRUTH, every=True).right


windows = st.tuples(st.floats(0, 1e4), st.floats(0.1, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(windows, max_size=8), st.lists(windows, max_size=4), st.floats(0, 1), st.booleans())
def test_right_is_right_among_five_and_the_truth_itself_is_right(
    moments: list[tuple[float, float]], truth: list[tuple[float, float]], presence: float, every: bool
) -> None:
    score = score_answer(moments, presence, truth, every)
    assert score.right_at_5 or not score.right
    assert not truth or score_answer(truth, presence, truth, every).right
