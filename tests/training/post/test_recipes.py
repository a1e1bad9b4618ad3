"""Recipes: their words, their rewards on their own true answers, their honesty about what is not known; the cost."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Target
from whenabouts.training.post.seeing.conversation import messages_of

SFT, TAR_TVG, TIME_R1, TIMELENS, VIDEOTEMP_O3 = (
    RECIPES[name] for name in ("sft", "tar-tvg", "time-r1", "timelens", "videotemp-o3")
)
TARGET = Target(((2.0, 7.5),), 30.0)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_true_answer_earns_the_most_there_is(recipe: GRPO) -> None:
    best = {term.name: term.reward(recipe.truth(TARGET), TARGET) for term in getattr(recipe, "terms", ())}
    most = {"shaped-tiou": 0.80182, "repeated-crops": 0, "parse-penalty": 0, "segments": 2}
    assert best == pytest.approx({name: most.get(name, 1) for name in best}, abs=1e-5)
    assert set(recipe.unconfirmed) <= {field.name for field in fields(recipe)}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_absence_is_said_in_words_the_rewards_read(recipe: GRPO) -> None:
    absent = Target((), 30.0)
    words = recipe.truth(absent)
    assert "does not happen" in words
    first = list(getattr(recipe, "terms", ()))[:1]
    assert all(term.reward(words, absent) > 0.8 for term in first)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_several_moments_stand_in_one_answer(recipe: GRPO) -> None:
    words = recipe.truth(Target(((2.0, 7.5), (10.0, 12.0)), 30.0))
    assert read(words).windows == ((2.0, 7.5), (10.0, 12.0))
    assert words.count("<answer>") <= 1


def test_samples_are_judged_by_the_intervals_that_their_reward_counts() -> None:
    two = Target(((0.0, 5.0), (20.0, 25.0)), 30.0)
    said = "[[0.0, 5.0], [20.0, 25.0]]"
    assert RECIPES["timelens2"].judge(said, two) == RECIPES["time-r1"].judge(said, two) == 1.0
    assert RECIPES["timelens2"].judge("[[0.0, 5.0]]", two) == 0.5 and RECIPES["time-r1"].judge("0 to 5", two) == 1.0


def test_time_r1_asks_in_lower_case() -> None:
    asked = TIME_R1.question("A man {sits} down. ")
    assert asked.startswith('To accurately pinpoint the event "a man {sits} down" in the video')
    assert asked.endswith('"12.54 to 17.83".')
    assert TIMELENS.question("A man sits.").startswith(
        "Please find the visual event described by the sentence 'A man sits'"
    )


PROMPTS = {  # sha256 of the official prompt about "a man sits", and whether it stands before the video
    "time-r1": ("66e02019761ba210", True),  # src/time_r1/rl/timer1_trainer.py: QUESTION_TEMPLATE_TG_v1
    "sft": ("cec08071fc8626dc", False),  # TimeLens training/data/grounding.py: GROUNDING_PROMPT
    "timelens": ("cec08071fc8626dc", False),
    "timelens2": ("16e9d5d8a15f585b", False),  # grpo/configs/data/timelens2.json: timelens2-93k
    "museg": ("41f4a0a11651ee5a", False),  # src/train.py: QUESTION_TEMPLATES, with a task of data/train/stage_1.jsonl
    "museg-2": ("c2767f84d080dbeb", False),
    "taro": ("6b9796398771fdb3", False),  # data/test.json
    "ra-rft": ("8a07c1f8991a2da0", True),  # timer1_trainer_rarft.py: QUESTION_TEMPLATE_RARFT
    "tempsamp-r1": ("eec22d9285bce6c3", False),  # scripts/eval/eval_timelens_bench.py: PROMPT_WO_THINK
}


@pytest.mark.parametrize("name", PROMPTS)
def test_training_asks_in_the_official_words_and_place(name: str) -> None:
    recipe, (digest, first) = RECIPES[name], PROMPTS[name]
    asked = recipe.question("a man sits")
    assert hashlib.sha256(asked.encode()).hexdigest()[:16] == digest
    [turn] = messages_of(recipe, "a man sits", (0.0, 0.5))
    words = [part.get("text") for part in turn["content"]]
    assert words.index(asked) == (0 if first else len(words) - 1)
    facts = recipe.facts()
    assert (facts["prompt"], facts["question_first"]) == (recipe.prompt, first)


def test_what_nobody_confirmed_is_marked() -> None:
    assert "terms" in TAR_TVG.unconfirmed and "terms" in VIDEOTEMP_O3.unconfirmed
    assert "learning_rate" not in TIME_R1.unconfirmed
    with pytest.raises(InputError, match="unknown recipe 'grpo'; choose one of: time-r1, sft"):
        RECIPES.named("grpo")
