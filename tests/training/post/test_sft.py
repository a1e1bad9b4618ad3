"""Supervised fine-tuning on TRL with the tiny model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rl import QUIET, SAMPLES, SFT_TINY, count_pixels, losses, model, show

from whenabouts.training.post import sft
from whenabouts.training.post.answering import answers, blanked, score
from whenabouts.training.post.seeing.conversation import data_set


def test_it_learns_the_one_answer_there_is_and_gives_it(tmp_path: Path) -> None:
    network, processor = model()
    seen = count_pixels(network)
    recipe = replace(SFT_TINY, steps=40, learning_rate=3e-3, schedule="constant")
    known = SAMPLES[1:]
    job = sft.trainer(
        recipe, network, processor, data_set(known, recipe, show), sft.arguments(recipe, tmp_path, **QUIET)
    )
    job.train()
    assert seen == [True] * 40
    assert losses(job)[-1] < 0.1
    said = answers(network, processor, known, recipe, show, tokens=16)
    assert said == ["<think></think><answer>1.00 to 3.00</answer>"] * 7
    assert [one.ious for one in score(network, processor, known[:2], recipe, show, times=3, tokens=16)] == [
        pytest.approx((1, 1, 1), abs=0.5)
    ] * 2


def test_a_blanked_video_keeps_its_times() -> None:
    grey, frames = blanked(show)(SAMPLES[0]).frames(), show(SAMPLES[0]).frames()
    assert grey.times == frames.times and len(grey.images) == len(frames.images)
    assert all((image == 128).all() for image in grey.images)
