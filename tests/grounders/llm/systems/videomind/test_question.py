"""Where tokens stand: as transformers 4.45.2 put them, with which VideoMind was trained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed")
from whenabouts.grounders.llm.systems.videomind.question import Question, positions  # noqa: E402


def test_text_goes_on_behind_the_last_step_of_a_long_video() -> None:
    placed = positions(2 + 5 * 2 + 2, 2, (5, 1, 2))
    assert placed[0].tolist() == [0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8]
    assert placed[2].tolist() == [0, 1, *[2, 3] * 5, 7, 8]


@given(st.integers(0, 9), st.tuples(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5)), st.integers(0, 9))
def test_no_two_tokens_stand_in_one_place(before: int, sides: tuple[int, int, int], after: int) -> None:
    length = before + sides[0] * sides[1] * sides[2] + after
    placed = positions(length, before, sides)
    assert placed.shape == (3, length) and len({tuple(place) for place in placed.T.tolist()}) == length


def test_marks_stand_between_steps_and_video_counts_on_behind_them() -> None:
    question = Question(torch.tensor([7, *[9] * 6, 8]), torch.zeros(1), (3, 2, 4), 1, 2)
    assert question.sides == (3, 1, 2) and question.ids[question.video].tolist() == [9] * 6
    inner = question.given("cpu", ((1, 1), (2, 2)))
    assert inner["input_ids"].tolist() == [[7, 9, 9, 1, 9, 9, 2, 9, 9, 8]]
    assert inner["position_ids"][:, 0].tolist() == positions(10, 1, (3, 1, 2)).tolist()
    outer = question.given("cpu", ((1, 0), (2, 3)))
    assert outer["input_ids"].tolist() == [[7, 1, 9, 9, 9, 9, 9, 9, 2, 8]]
    assert outer["position_ids"][:, 0].tolist() == [list(range(10))] * 3  # as transformers 4.45.2 and so as trained
