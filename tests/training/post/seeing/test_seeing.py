"""Training of Qwen's classes on TRL: sampling and loss see the same, the tower works once, runs go on as they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_rl import QUIET, SFT, TIME_R1

import torch  # isort: skip  # tiny_rl skips these tests where it is missing
from transformers import TrainerCallback  # isort: skip

from whenabouts.grounders import load as load_grounder
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO, Recipe
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target
from whenabouts.training.post import grpo, sft
from whenabouts.training.post.loading import show_from
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import data_set
from whenabouts.training.post.seeing.sight import FIRST, Sight
from whenabouts.training.post.tiny import qwen as tiny_qwen
from whenabouts.training.post.tiny.models import tiny_model
from whenabouts.training.post.tiny.qwen import KINDS
from whenabouts.video import Video

RNG = np.random.default_rng(0)
CLIPS = {
    name: Clip.of_frames(
        name, Frames((0.0, 1.0, 2.0, 3.0), tuple(RNG.integers(0, 255, (56, 84, 3), np.uint8) for _ in range(4)), 1.0)
    )
    for name in ("one", "two")
}
SAMPLES = [Sample(f"q{i}", ("one", "two")[i % 2], f"query {i // 2}", ((1.0, 3.0),), 4.0) for i in range(4)]


def by_letters(completion: str, target: Target) -> float:
    """A reward that random text earns in part, so that there is something to learn from."""
    return (sum(map(ord, completion)) % 97) / 97


LETTERS = Term("letters", by_letters)
GROUPS = replace(
    TIME_R1, prompt="When {}?", batch=8, group=4, steps=2, epochs=1, learning_rate=1e-3, tokens=6, beta=0.0,
    selection=None, frames=4, terms=(LETTERS,),
)  # fmt: skip


def seeing(kind: str, recipe: Recipe, *, vision: bool = False) -> Sight:
    """A tiny model that reads the words of a recipe's prompt as one token each."""
    words = [part for part in recipe.prompt.split("{}") if part]
    network, processor = tiny_model(words, kind=kind, hidden=64, layers=4)
    network.base_model.visual.requires_grad_(vision)
    return Sight(network, processor)


def trained(sight: Sight, recipe: Recipe, out: Path, samples: Sequence[Sample] = SAMPLES, **more: Any) -> Any:
    """The trainer, after training."""
    how: Any = grpo if isinstance(recipe, GRPO) else sft
    rows = data_set(samples, recipe, lambda one: CLIPS[one.video], video=True)
    settings = QUIET | {"gradient_checkpointing": True}  # as real runs do
    args = how.arguments(recipe, out, micro=more.pop("micro", None), **settings)
    job = how.trainer(recipe, sight.network, sight, rows, args, **more)
    job.train()
    return job


class KeepGradients(TrainerCallback):
    """The largest gradient of each weight before the last update."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = {}

    def on_pre_optimizer_step(self, *_: Any, model: Any, **__: Any) -> None:
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                self.largest[name] = float(weight.grad.abs().max())


@pytest.mark.parametrize("kind", KINDS)
def test_sampling_and_loss_read_the_same(kind: str, tmp_path: Path) -> None:
    sight = seeing(kind, GROUPS)
    read: dict[bool, list[tuple[Any, Any]]] = {True: [], False: []}

    def look(module: Any, args: Any, given: dict[str, Any]) -> None:
        if given["inputs_embeds"].shape[1] > 1:  # a prompt, and not the next token of an answer
            read[torch.is_grad_enabled()].append((given["inputs_embeds"].detach(), given["position_ids"][-3:]))

    sight.network.base_model.language_model.register_forward_pre_hook(look, with_kwargs=True)
    job = trained(sight, replace(GROUPS, steps=1), tmp_path)
    (batch,) = job._buffered_inputs
    assert (len(read[False]), len(read[True])) == (2, 1)  # one reading for each prompt; one pass of the loss
    [(embedded, where)] = read[True]
    for row in range(8):
        kept = torch.where(batch["prompt_mask"][row] == 1)[0]
        same = [
            torch.allclose(embedded[row, kept], one[0], atol=1e-5) and torch.equal(where[:, row, kept], at[:, 0])
            for one, at in read[False]
            if one.shape[1] == len(kept)
        ]
        assert any(same)


@pytest.mark.parametrize("vision", [False, True])
@pytest.mark.parametrize("recipe", [GROUPS, replace(SFT, batch=4, steps=1, learning_rate=1e-3)], ids=["grpo", "sft"])
def test_gradients_reach_the_language_model_and_the_tower_if_it_is_trained(
    recipe: Recipe, vision: bool, tmp_path: Path
) -> None:
    keep = KeepGradients()
    trained(seeing("qwen3_vl", recipe, vision=vision), recipe, tmp_path, callbacks=[keep])
    for part, moves in (("visual.blocks", vision), ("visual.deepstack", vision), ("language_model.layers", True)):
        assert any(largest > 0 for name, largest in keep.largest.items() if part in name) == moves


def test_a_frozen_tower_works_once_for_groups_passes_epochs_and_the_reference(tmp_path: Path) -> None:
    recipe = replace(GROUPS, steps=None, epochs=3)
    sight = seeing("qwen2_5_vl", recipe)
    calls: list[int] = []
    sight.network.base_model.visual.register_forward_hook(lambda *_: calls.append(1))
    job = trained(sight, recipe, tmp_path, micro=2)
    assert job.state.global_step == 6 and len(calls) == 2  # two videos; 4 prompts of 4 answers, thrice, two at a time


def test_a_reference_sees_what_the_model_sees(videos: Path, tmp_path: Path) -> None:
    from tiny_checkpoints import make_checkpoint

    folder = make_checkpoint("qwen2_5_vl", tmp_path / "base")
    samples = [replace(one, video="video.mkv", duration=8.0) for one in SAMPLES]
    recipe = replace(GROUPS, beta=0.04, steps=2)
    Run(recipe, samples, videos, tmp_path / "run").train(str(folder), **QUIET)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text("utf-8").splitlines()]
    first, second = [line["kl"] for line in lines if "kl" in line]
    assert first == pytest.approx(0.0, abs=1e-6) and second > 1e-5


@pytest.mark.parametrize("lora", [None, 4])
def test_a_run_that_was_cut_off_goes_on_with_the_same_updates(lora: int | None, videos: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="the extra rl is not installed")
    samples = [replace(one, video="video.mkv", duration=8.0) for one in SAMPLES]
    recipe = replace(GROUPS, steps=3, schedule="constant")
    settings = QUIET | {"save_strategy": "steps", "save_steps": 2}

    def run(out: Path, *, resume: bool = False) -> list[float]:
        Run(recipe, samples, videos, out, lora=lora).train("tiny:qwen2_5_vl", resume=resume, **settings)
        lines = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
        return [line[name] for line in lines if "loss" in line for name in ("reward", "grad_norm")]

    whole = run(tmp_path / "whole")
    shutil.copytree(tmp_path / "whole" / "checkpoint-2", tmp_path / "cut" / "checkpoint-2")
    assert run(tmp_path / "cut", resume=True) == pytest.approx(whole, rel=1e-5)
    assert len(set(whole)) == 6
    with Video(videos / "video.mkv") as video:
        [prediction] = load_grounder(str(tmp_path / "cut"), device="cpu").ground(video, ["query 0"])
    assert prediction.said
    if lora:
        assert (tmp_path / "cut" / "adapter" / "adapter_model.safetensors").is_file()


CLASSES = {  # what each recipe's paper trained
    "time-r1": "qwen2_5_vl", "sft": "qwen3_vl", "timelens": "qwen3_vl", "timelens2": "qwen3_vl",
    "museg": "qwen2_5_vl", "museg-2": "qwen2_5_vl", "taro": "qwen2_5_vl", "ra-rft": "qwen2_5_vl",
    "tempsamp-r1": "qwen3_5", "tar-tvg": "qwen2_5_vl", "videotemp-o3": "qwen2_5_vl",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in RECIPES if not getattr(RECIPES[name], "crops", 0)])
def test_every_recipe_trains_its_own_class(name: str, tmp_path: Path) -> None:
    recipe = replace(RECIPES[name], batch=4, steps=1, learning_rate=1e-3)
    if isinstance(recipe, GRPO):
        recipe = replace(recipe, group=4, tokens=6, beta=0.0, terms=(*recipe.terms, LETTERS))
    keep = KeepGradients()
    job = trained(seeing(CLASSES[name], recipe), recipe, tmp_path, callbacks=[keep])
    assert job.state.log_history[0]["grad_norm"] > 0
    assert any(largest > 0 for part, largest in keep.largest.items() if "language_model" in part)


CALL = '<tool_call>{"name": "crop", "arguments": {"start": 2.0, "end": 6.0}}</tool_call>'
CHAT = tiny_qwen.CHAT.replace(
    "<|im_end|>\n{% endfor %}",
    "{% for call in m.get('tool_calls') or [] %}<tool_call>{{ call['function'] | tojson }}</tool_call>{% endfor %}"
    "<|im_end|>\n{% endfor %}",
)
PARSED = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>", "close_pattern": r"</tool_call>\s*", "repeats": True, "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|im_end\|>\s*", "content": "text"},
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
def test_a_crop_is_seen_as_video_with_its_times_and_kept_out_of_the_loss(
    kind: str, videos: Path, tmp_path: Path
) -> None:
    recipe = replace(RECIPES["videotemp-o3"], batch=4, group=4, steps=1, frames=4, crops=1, terms=(LETTERS,))
    sight = seeing(kind, recipe)
    tokenizer = sight.tokenizer
    sight.processor.chat_template = tokenizer.chat_template = CHAT
    tokenizer.response_template = PARSED
    samples = [replace(one, video="video.mkv", duration=8.0) for one in SAMPLES]
    rows = data_set(samples, recipe, show_from(videos, recipe, sight), video=True)
    job = grpo.trainer(recipe, sight.network, sight, rows, grpo.arguments(recipe, tmp_path, **QUIET), folder=videos)

    def scripted(prompt_ids: list[list[int]], *_: Any, **__: Any) -> tuple[list[list[int]], None]:
        said = []
        for i, ids in enumerate(prompt_ids):
            looked = "</tool_call>" in tokenizer.decode([token for token in ids if token < FIRST])
            words = f"<answer>{i}.00 to 3.00</answer>" if looked else CALL
            said.append([*tokenizer(words, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id])
        return said, None

    job._generate_single_turn = scripted
    made: list[dict[str, Any]] = []
    plain = job._generate_and_score_completions
    job._generate_and_score_completions = lambda inputs: made.append(plain(inputs)) or made[-1]
    job.train()
    [batch] = made
    for ids, seen, own in zip(batch["completion_ids"], batch["completion_mask"], batch["tool_mask"], strict=True):
        shown = [int(token) for token in ids[(seen * (1 - own)).bool()]]
        words = tokenizer.decode([token for token in shown if token < FIRST])
        assert "<2.5 seconds>" in words and "<5.5 seconds>" in words  # of pictures 2 and 3, and 5 and 6, a second each
        assert len({token for token in shown if token >= FIRST}) == words.count(" seconds>") == 2
        assert (ids[(seen * own).bool()] < FIRST).all()
    assert job.state.log_history[0]["grad_norm"] > 0


def test_a_class_is_known_for_every_recipe() -> None:
    assert CLASSES.keys() == RECIPES.keys()


def test_an_update_costs_what_its_tokens_cost(tmp_path: Path) -> None:
    """Of the language part: a prompt once for all its answers, an answer once to draw it, and both four times in the
    loss: forward, again under checkpointing, and twice backward."""
    from torch.utils.flop_counter import FlopCounterMode

    sight = seeing("qwen2_5_vl", GROUPS)
    with FlopCounterMode(display=False) as counter:
        job = trained(sight, replace(GROUPS, steps=1), tmp_path)
    (batch,) = job._buffered_inputs
    language = sight.network.base_model.language_model
    weights = sum(weight.numel() for name, weight in language.named_parameters() if "embed" not in name)
    prompts, answers = batch["prompt_ids"].shape[1], batch["completion_ids"].shape[1]
    tokens = 2 * prompts + 8 * answers + 4 * 8 * (prompts + answers)
    assert 0.9 <= counter.get_total_flops() / (2 * weights * tokens) <= 1.3  # attention, vocabulary and tower beside
