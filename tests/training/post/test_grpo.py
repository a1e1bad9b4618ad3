"""GRPO on TRL with the tiny model: settings, pixels in the loss, guidance, resumption, errors, the monitor."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_rl import GRPO_TINY, QUIET, SAMPLES, count_pixels, model, show

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target
from whenabouts.training.post import grpo
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.seeing.conversation import data_set

TEMPSAMP_R1, TIMELENS = RECIPES["tempsamp-r1"], RECIPES["timelens"]


def by_letters(completion: str, target: Target) -> float:
    """A reward that random text earns in part, so that there is something to learn from."""
    return (sum(map(ord, completion)) % 97) / 97


LEARNABLE = replace(GRPO_TINY, terms=(Term("letters", by_letters),))


def test_settings_are_the_recipes_and_not_trls(tmp_path: Path) -> None:
    args = grpo.arguments(TIMELENS, tmp_path, micro=8, use_cpu=True, bf16=False)
    assert (args.beta, args.loss_type, args.scale_rewards, args.max_steps) == (0.0, "bnpo", "none", 100)
    assert (args.gradient_accumulation_steps, args.steps_per_generation, args.num_generations) == (8, 8, 8)
    args = grpo.arguments(TEMPSAMP_R1, tmp_path, micro=8, use_cpu=True, bf16=False)
    assert (args.epsilon, args.epsilon_high, args.top_p, args.scale_rewards) == (0.2, 0.28, 0.85, "group")
    with pytest.raises(InputError, match="timelens: 64 answers per update must be a multiple"):
        grpo.arguments(TIMELENS, tmp_path, micro=7)


def test_the_loss_sees_the_pictures_and_moves_the_eye(tmp_path: Path) -> None:
    network, processor = model()
    eye = {n: w.detach().clone() for n, w in network.named_parameters() if "vision" in n and "layers" in n}
    seen = count_pixels(network)
    args = grpo.arguments(LEARNABLE, tmp_path, micro=8, **QUIET)
    job = grpo.trainer(LEARNABLE, network, processor, data_set(SAMPLES, LEARNABLE, show), args)
    job.train()
    assert seen == [True] * 4  # two updates of two passes
    assert all((w != eye[n]).any() for n, w in network.named_parameters() if n in eye)


def test_advantages_are_those_of_the_definition(tmp_path: Path) -> None:
    network, processor = model()
    args = grpo.arguments(LEARNABLE, tmp_path, **QUIET)
    job = grpo.trainer(LEARNABLE, network, processor, data_set(SAMPLES, LEARNABLE, show), args)
    job.train()
    rewards = np.array(job._logs["rewards"]["letters"])[-16:].reshape(4, 4)
    taken = np.array(job._logs["advantages"])[-16:].reshape(4, 4)
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    assert taken == pytest.approx(centred / (rewards.std(axis=1, ddof=1, keepdims=True) + 1e-4), abs=1e-4)


def test_guidance_puts_the_true_answer_into_every_group(tmp_path: Path) -> None:
    recipe = replace(TEMPSAMP_R1, batch=16, group=4, steps=1, learning_rate=1e-3, tokens=8, selection=None)
    network, processor = model()
    monitor = RewardMonitor()
    args = grpo.arguments(recipe, tmp_path, **QUIET)
    grpo.trainer(recipe, network, processor, data_set(SAMPLES, recipe, show), args, monitor=monitor).train()
    seen = list(monitor.seen)
    assert len(seen) == 16
    assert all(text == recipe.truth(target) for text, target in seen[3::4])
    assert not any(text == recipe.truth(target) for i, (text, target) in enumerate(seen) if i % 4 != 3)


def test_a_reward_that_is_no_number_stops_the_run_and_names_the_sample(tmp_path: Path) -> None:
    recipe = replace(GRPO_TINY, terms=(Term("broken", lambda text, target: math.nan),))
    network, processor = model()
    args = grpo.arguments(recipe, tmp_path, **QUIET)
    with pytest.raises(InputError, match=r"q\d: the reward broken is nan"):
        grpo.trainer(recipe, network, processor, data_set(SAMPLES, recipe, show), args).train()


def test_the_monitor_writes_into_the_log(tmp_path: Path) -> None:
    network, processor = model()
    args = grpo.arguments(LEARNABLE, tmp_path, **QUIET)
    job = grpo.trainer(LEARNABLE, network, processor, data_set(SAMPLES, LEARNABLE, show), args)
    job.train()
    assert "of the answers hold no readable interval" in job.state.log_history[0]["monitor/flags"]
    with pytest.raises(InputError, match="no samples"):
        data_set([], LEARNABLE, show)
