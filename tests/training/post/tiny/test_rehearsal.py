"""A dry run says whether a recipe can train a model of this kind: rewards that differ, and a gradient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rl import GRPO_TINY

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.compose import Composition, Term
from whenabouts.rewards.target import Target
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.tiny.models import tiny_model
from whenabouts.training.post.tiny.rehearsal import rehearse, written_answers

SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),) if i else (), 8.0) for i in range(4)]
RL = {name: recipe for name, recipe in RECIPES.items() if isinstance(recipe, GRPO)}


@pytest.mark.parametrize("target", [Target(((1.0, 3.0),), 8.0), Target((), 8.0), Target(((0.0, 2.0), (4.0, 8.0)), 8.0)])
@pytest.mark.parametrize("recipe", RL.values(), ids=RL)
def test_the_first_answer_of_a_group_earns_most_and_others_less(recipe: GRPO, target: Target) -> None:
    said = written_answers(recipe, target, recipe.group)
    earned = [Composition(recipe.terms)(text, target) for text in said]
    assert len(said) == recipe.group and max(earned) == earned[0] > min(earned)


@pytest.mark.parametrize("kind", ["llava", "qwen3_vl"])
def test_the_class_of_the_model_is_tried(kind: str, videos: Path, tmp_path: Path) -> None:
    network, processor = tiny_model(kind=kind, hidden=64, layers=2)
    network.save_pretrained(tmp_path / "model")
    processor.save_pretrained(tmp_path / "model")
    run = Run(RECIPES["time-r1"], SAMPLES[1:], videos, tmp_path / "run")
    assert rehearse(run, str(tmp_path / "model")) == str(tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").unlink()
    with pytest.raises(ModelError):
        rehearse(run, str(tmp_path / "model"))


def test_rewards_that_are_the_same_for_every_answer_fail(videos: Path, tmp_path: Path) -> None:
    recipe = replace(GRPO_TINY, terms=(Term("kind", lambda text, target: 1.0),))
    with pytest.raises(
        InputError, match=r"dry run: the rewards of time-r1 \(kind\) do not tell true answers from wrong"
    ):
        rehearse(Run(recipe, SAMPLES, videos, tmp_path), "tiny")


def test_a_model_that_cannot_be_reached_is_told(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is neither a folder nor in the hub's cache"):
        rehearse(Run(GRPO_TINY, SAMPLES, videos, tmp_path), "nobody/knows")
