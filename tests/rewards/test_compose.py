"""Weighted sums of rewards, their schedules, and the same thing as TRL calls it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.rewards.compose import Composition, Term, linear, switch
from whenabouts.rewards.hedging import hedging
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import tiou
from whenabouts.rewards.trl import reward_function

ANSWER = "<think></think><answer>10.00 to 40.00</answer>"
TARGET = Target(((10.0, 20.0),), 60.0, sample="q1")


def test_weights_change_with_progress() -> None:
    reward = Composition(
        (
            Term("tiou", tiou),
            Term("format", REWARDS["time-r1-format"], linear(1.0, 0.0, end=0.5)),
            Term("hedging", hedging, switch(0.0, 2.0, at=0.75)),
        )
    )
    assert reward(ANSWER, TARGET) == pytest.approx(1 / 3 + 1)
    assert reward(ANSWER, TARGET, progress=0.25) == pytest.approx(1 / 3 + 0.5)
    assert reward.parts(ANSWER, TARGET, progress=1.0) == pytest.approx(
        {"tiou": 1 / 3, "format": 0.0, "hedging": -2 * 20 / 50}
    )


def test_a_reward_that_is_no_number_names_the_sample() -> None:
    broken = Term("broken", lambda completion, target: math.nan)
    with pytest.raises(InputError, match="q1: the reward broken is nan for the answer '<think>"):
        Composition((broken,))(ANSWER, TARGET)
    with pytest.raises(InputError, match="q9: the reward broken is nan"):
        reward_function(broken)(None, [ANSWER], windows=[[[1, 2]]], duration=[60.0], sample=["q9"])


def test_two_terms_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="different names"):
        Composition((Term("tiou", tiou), Term("tiou", tiou)))


def test_trl_gives_conversations_columns_and_its_state() -> None:
    reward = reward_function(Term("time-r1", REWARDS["time-r1"], linear(1.0, 0.0)))
    turn = [{"role": "assistant", "content": [{"type": "text", "text": ANSWER}]}]
    columns = {"span": [[10.0, 20.0], [10.0, 40.0]], "duration": [60.0, 60.0], "query": ["a", "b"]}
    expected = [1 / 3 * (1 - 20 / 60), 1.0]
    assert reward(["p", "p"], [ANSWER, turn], **columns) == pytest.approx(expected)
    halfway = SimpleNamespace(global_step=5, max_steps=10)
    assert reward(["p", "p"], [ANSWER, turn], trainer_state=halfway, **columns) == pytest.approx(
        [r / 2 for r in expected]
    )
    assert reward.__name__ == "time-r1"


@pytest.mark.parametrize("name", REWARDS)
def test_every_reward_is_called_by_trl_as_it_is(name: str) -> None:
    columns = {"windows": [[[10.0, 40.0]], None], "duration": [60.0] * 2, "saliency": [[1.0, 2.0], None]}
    targets = [Target(((10.0, 40.0),), 60.0, (1.0, 2.0)), Target((), 60.0)]
    earned = reward_function(REWARDS[name])(["p"] * 2, [ANSWER] * 2, **columns)
    assert earned == [REWARDS[name](ANSWER, target) for target in targets]


def test_a_composition_follows_the_progress_as_one_reward() -> None:
    both = Composition((Term("tiou", tiou), Term("format", REWARDS["time-r1-format"], linear(1.0, 0.0))))
    halfway = SimpleNamespace(global_step=5, max_steps=10)
    columns = {"span": [[10.0, 40.0], None], "duration": [60.0] * 2, "trainer_state": halfway}
    assert reward_function(both)(["p"] * 2, [ANSWER] * 2, **columns) == [1.5, 0.5]


def test_a_batch_that_does_not_fit_is_told() -> None:
    reward = reward_function(Term("tiou", tiou))
    with pytest.raises(InputError, match="q7: the reward tiou was given an empty group"):
        reward([], [], windows=[[[1, 2]]], duration=[60.0], sample=["q7"])
    with pytest.raises(InputError, match="columns windows"):
        reward(["p"], [ANSWER], duration=[60.0])
    with pytest.raises(InputError, match="2 completions came with 1 targets"):
        reward(["p"] * 2, [ANSWER] * 2, windows=[[[1, 2]]], duration=[60.0, 60.0])
    with pytest.raises(InputError, match=r"q7: windows must be pairs of seconds and duration a number, not \[\[1\]\]"):
        reward(["p"], [ANSWER], windows=[[[1]]], duration=[60.0], sample=["q7"])
    with pytest.raises(InputError, match="sample 2 of the batch: a window needs"):
        reward(["p"] * 2, [ANSWER] * 2, windows=[[[1, 2]], [[3, 3]]], duration=[60.0, 60.0])
