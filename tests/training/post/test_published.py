"""Post-training and curation of Qwen's models from folders as they are published: pixels in, gradients through, out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tiny_checkpoints import make_checkpoint
from tiny_rl import GRPO_TINY, QUIET, SFT_TINY
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import ModelError
from whenabouts.grounders import load as load_grounder
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.grounders.llm.recognition import paper_of_run
from whenabouts.rewards.compose import Term
from whenabouts.training.post import grpo
from whenabouts.training.post.answering import answers
from whenabouts.training.post.loading import load, show_from
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample, write_samples
from whenabouts.training.post.seeing.conversation import data_set
from whenabouts.training.post.seeing.sight import FIRST
from whenabouts.video import Video

KINDS = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_5")
SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(8)]


def weights(folder: Path) -> dict[str, Any]:
    return {name: value for file in folder.glob("model*.safetensors") for name, value in load_file(file).items()}


def tuned(recipe: Recipe, **changes: Any) -> Any:
    return replace(recipe, frames=4, steps=1, learning_rate=1e-2, **changes)


@pytest.mark.parametrize("vision", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_published_folder_is_trained_and_stays_one(kind: str, vision: bool, videos: Path, tmp_path: Path) -> None:
    folder, out = make_checkpoint(kind, tmp_path / "base"), tmp_path / "run"
    Run(tuned(SFT_TINY, train_vision=vision), SAMPLES, videos, out).train(str(folder), **QUIET)
    before, after = weights(folder), weights(out)
    assert before.keys() == after.keys() and {value.dtype for value in after.values()} == {torch.bfloat16}
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert any(".self_attn.q_proj" in name for name in moved)
    assert any("visual.patch_embed" in name for name in moved) == vision
    published, left = (json.loads((f / "generation_config.json").read_text("utf-8")) for f in (folder, out))
    assert published.get("top_k") == left.get("top_k")
    paper = paper_of_run(out)
    assert paper is not None and paper.sampling.token_side == (32 if "qwen3" in kind else 28)  # type: ignore[attr-defined]
    with Video(videos / "video.mkv") as video:
        [prediction] = load_grounder(str(out), device="cpu").ground(video, ["a light goes on"])
    assert prediction.said


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_rewards_reach_the_vision_tower_through_the_pixels(kind: str, videos: Path, tmp_path: Path) -> None:
    network, sight = load(str(make_checkpoint(kind, tmp_path / "base")), trained=True)
    recipe = tuned(GRPO_TINY, train_vision=True, terms=(Term("length", lambda said, _: float(len(said) % 7)),))
    start = {name: value.detach().clone() for name, value in network.named_parameters()}
    rows = data_set(SAMPLES, recipe, show_from(videos, recipe, sight), video=True)
    grpo.trainer(recipe, network, sight, rows, grpo.arguments(recipe, tmp_path / "run", **QUIET)).train()
    moved = {name for name, value in network.named_parameters() if not torch.equal(value, start[name])}
    still = start.keys() - moved
    assert any("visual.patch_embed" in name for name in moved) and any("language_model" in name for name in moved)
    assert len(moved) > 0.9 * len(start), still


def test_frames_of_training_have_the_size_that_the_recipe_pays_for(tmp_path: Path, videos: Path) -> None:
    for kind, side in (("qwen2_5_vl", 28), ("qwen3_vl", 32)):
        _, sight = load(str(make_checkpoint(kind, tmp_path / kind)))
        recipe = replace(SFT_TINY, frames=4, visual_tokens=80)
        clip = show_from(videos, recipe, sight)(SAMPLES[0])
        frames = clip.frames()
        assert all(height % side == 0 == width % side for height, width, _ in (one.shape for one in frames.images))
        ids = sight.ids(SAMPLES[0], recipe, clip)
        assert 0 < sum(token >= FIRST for token in ids) <= recipe.visual_tokens
        assert len(frames.images) == 4


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_answers_follow_the_temperature_and_not_the_folder(kind: str, videos: Path, tmp_path: Path) -> None:
    folder = make_checkpoint(kind, tmp_path)
    settings = folder / "generation_config.json"
    leaks = {"do_sample": True, "top_k": 1, "repetition_penalty": 9.0, "min_p": 0.9, "no_repeat_ngram_size": 1}
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | leaks), "utf-8")
    network, processor = load(str(folder))

    show = show_from(videos, replace(SFT_TINY, frames=4), processor)
    torch.manual_seed(0)
    drawn = answers(network, processor, SAMPLES, SFT_TINY, show, temperature=1.0, tokens=6)
    greedy = answers(network, processor, SAMPLES, SFT_TINY, show, tokens=12)
    assert len(set(drawn)) == 8 and len(set(greedy)) == 1
    network.generation_config.update(repetition_penalty=1.0, no_repeat_ngram_size=0, do_sample=False)
    assert greedy == answers(network, processor, SAMPLES, SFT_TINY, show, tokens=12)


def test_answers_in_training_are_drawn_as_the_recipe_says(videos: Path, tmp_path: Path) -> None:
    folder = make_checkpoint("qwen2_5_vl", tmp_path / "base")
    settings = folder / "generation_config.json"
    leaks = {"sequence_bias": [[[7], 90.0]], "min_p": 0.9, "typical_p": 0.1, "top_k": 1}
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | leaks), "utf-8")
    network, processor = load(str(folder), trained=True)
    monitor = RewardMonitor()
    recipe = tuned(GRPO_TINY)
    rows = data_set(SAMPLES, recipe, show_from(videos, recipe, processor), video=True)
    args = grpo.arguments(recipe, tmp_path / "run", **QUIET)
    grpo.trainer(recipe, network, processor, rows, args, monitor=monitor).train()
    assert len({text for text, _ in monitor.seen}) == recipe.batch
    assert network.generation_config.min_p == 0.9  # what is saved with the model stays what it came with


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_curation_scores_with_a_published_folder(kind: str, videos: Path, tmp_path: Path) -> None:
    folder, data, out = make_checkpoint(kind, tmp_path / "model"), tmp_path / "data.jsonl", tmp_path / "out.jsonl"
    write_samples(data, SAMPLES[:2])
    asked = ["curate", "time-r1", "--model", str(folder), "--data", str(data), "--out", str(out), "--times", "2"]
    result = CliRunner().invoke(app, [*asked, "--videos", str(videos)])
    scored = [json.loads(line) for line in (tmp_path / "out.scored.jsonl").read_text("utf-8").splitlines()]
    assert [len(one["ious"]) for one in scored] == [2, 2], result.output


def test_an_adapter_is_not_trained_further(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "someone/model"}))
    with pytest.raises(ModelError, match="is an adapter of someone/model; merge it"):
        load(str(tmp_path))
