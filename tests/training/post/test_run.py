"""Whole runs on a real file: train, save, load again, go on; and the dry run through the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_rl import GRPO_TINY, QUIET, SFT_TINY
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import InputError, ModelError
from whenabouts.grounders import load as load_grounder
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.training.post.loading import load
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample, write_samples
from whenabouts.training.post.seeing.crops import CropEnvironment
from whenabouts.training.post.tiny.rehearsal import rehearse
from whenabouts.video import Video

SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(8)]
HELD_OUT = [replace(SAMPLES[0], sample="h", video="other.mkv")]


def test_a_run_leaves_a_model_a_receipt_and_a_card(videos: Path, tmp_path: Path) -> None:
    recipe = replace(SFT_TINY, frames=4, steps=1)
    run = Run(recipe, SAMPLES, videos, tmp_path / "run", held_out=HELD_OUT)
    receipt = run.train("tiny", **QUIET)
    assert json.loads((tmp_path / "run" / "receipt.json").read_text()) == json.loads(json.dumps(receipt))
    assert (receipt["updates"], receipt["data"]["samples"], receipt["held_out"]["answers"]) == (1, 8, 1)
    page = (tmp_path / "run" / "README.md").read_text("utf-8")
    assert "base_model: tiny" in page
    assert "- format: 100% of the answers hold no readable interval" in page
    network, processor = load(str(tmp_path / "run"))
    start, _ = load("tiny")
    weights, eye = dict(start.named_parameters()), dict(network.named_parameters())
    moved = {name for name in eye if (eye[name] != weights[name]).any()}
    assert moved and not any("vision_tower" in name for name in moved)
    assert processor.tokenizer.decode(processor.tokenizer("né")["input_ids"]) == "né"


def test_adapters_train_the_language_part_only(videos: Path, tmp_path: Path) -> None:
    run = Run(replace(GRPO_TINY, frames=4, steps=1, beta=0.04), SAMPLES, videos, tmp_path, lora=4)
    run.train("tiny", **QUIET)
    settings = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert (settings["r"], settings["lora_alpha"]) == (4, 4)


@pytest.mark.parametrize("rank", [None, 4])
def test_a_run_goes_on_from_its_last_checkpoint_and_is_a_grounder(
    rank: int | None, videos: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data.jsonl"
    write_samples(data, SAMPLES)

    def run(steps: int, out: Path, *, resume: bool = False) -> dict[str, Any]:
        recipe = replace(SFT_TINY, frames=4, steps=steps, epochs=9, schedule="constant")
        asked = Run(recipe, SAMPLES, videos, out, lora=rank)
        return asked.train("tiny", resume=resume, **(QUIET | {"save_strategy": "steps", "save_steps": 2}))

    run(4, tmp_path / "whole")
    run(2, tmp_path / "halved")
    assert run(4, tmp_path / "halved", resume=True)["updates"] == 4
    whole, halved = (dict(load(str(tmp_path / name))[0].named_parameters()) for name in ("whole", "halved"))
    start = dict(load("tiny")[0].named_parameters())
    assert max(float((weight - halved[name]).abs().max()) for name, weight in whole.items()) < 1e-5
    assert max(float((weight - start[name]).abs().max()) for name, weight in whole.items()) > 1e-4
    with Video(videos / "video.mkv") as video:
        [prediction] = load_grounder(str(tmp_path / "whole")).ground(video, ["a light goes on"])
    assert prediction.said and prediction.receipt is not None
    assert prediction.receipt.settings["prompting"] == SFT_TINY.name


def test_what_leaks_or_cannot_go_on_is_refused(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 training samples are in the evaluation, the first: q0"):
        Run(SFT_TINY, SAMPLES[:1], videos, tmp_path, held_out=[replace(SAMPLES[0], video="cut/video_0_4.mkv")])
    with pytest.raises(InputError, match="has no checkpoint to resume from"):
        Run(SFT_TINY, SAMPLES, videos, tmp_path).train("tiny", resume=True)
    with pytest.raises(InputError, match="no file to serve as KL reference"):
        Run(replace(GRPO_TINY, beta=0.04), SAMPLES, videos, tmp_path).train("tiny")
    with pytest.raises(InputError, match=r"1 of 2 videos are not in .*, the first: gone.mkv"):
        rehearse(Run(SFT_TINY, [*SAMPLES, replace(SAMPLES[0], video="gone.mkv")], videos, tmp_path), "tiny")
    with pytest.raises(ModelError, match="cannot be loaded for post-training"):
        load(str(tmp_path / "nothing"))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_dry_run_tells_the_cost_and_tries_one_update(recipe: str, videos: Path) -> None:
    data = videos / "data.jsonl"
    write_samples(data, SAMPLES)
    asked = ["post-train", recipe, "--model", "Qwen/Qwen2.5-VL-7B-Instruct", "--data", str(data), "--dry-run"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert "GPU-hours on 1 × H100" in result.output
    assert "one update" in result.output


def test_a_crop_shows_its_part_and_counts(videos: Path) -> None:
    room = CropEnvironment(replace(RECIPES["videotemp-o3"], crops=1), videos)
    room.reset(video="video.mkv", duration=8.0, sample="q0")
    shown = room.crop(2.0, 4.0)
    assert [part["text"] for part in shown[::2]][:: len(shown) // 4] == ["<2.0 seconds>", "<3.0 seconds>"]
    assert {part["image"].getpixel((5, 5)) for part in shown[1::2]} == {(60, 60, 60), (90, 90, 90)}
    with pytest.raises(InputError, match="no more crops"):
        room.crop(2.0, 4.0)
    room.reset(video="video.mkv", duration=8.0)
    with pytest.raises(InputError, match="needs 0 <= start < end"):
        room.crop(4.0, 2.0)
