"""Rollouts that look again: TRL carries out the crop, its frames are in the loss's input and outside the loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_rl import QUIET, model

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.training.post import grpo
from whenabouts.training.post.loading import show_from
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.conversation import data_set

torch = pytest.importorskip("torch", reason="torch is not installed")

VIDEOTEMP_O3 = RECIPES["videotemp-o3"]
CHAT = (
    "{% for m in messages %}{% if m['role'] == 'assistant' %}<|assistant|>{% else %}<|user|>{% endif %}"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<|image|>{% elif c['type'] == 'text' %}{{ c['text'] }}{% endif %}{% endfor %}"
    "{% endif %}{% for call in m.get('tool_calls') or [] %}<tool_call>{{ call['function'] | tojson }}</tool_call>"
    "{% endfor %}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
PARSED = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|assistant|>",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>",
            "close_pattern": r"</tool_call>\s*",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|end\|>\s*", "content": "text"},
    },
}
CALL = '<tool_call>{"name": "crop", "arguments": {"start": 2.0, "end": 4.0}}</tool_call>'
SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(4)]


def test_a_model_that_cannot_call_tools_is_told(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be trained with videotemp-o3: .*chat template does not support tool"):
        Run(VIDEOTEMP_O3, SAMPLES, videos, tmp_path).train("tiny", **QUIET)


def test_a_crop_is_shown_to_the_model_and_kept_out_of_the_loss(videos: Path, tmp_path: Path) -> None:
    recipe = replace(VIDEOTEMP_O3, batch=4, group=4, steps=1, frames=4, crops=2, learning_rate=1e-3)
    network, processor = model()
    tokenizer = processor.tokenizer
    processor.chat_template = tokenizer.chat_template = CHAT
    tokenizer.response_template = PARSED
    rows = data_set(SAMPLES, recipe, show_from(videos, recipe, processor))
    monitor = RewardMonitor()
    job = grpo.trainer(
        recipe, network, processor, rows, grpo.arguments(recipe, tmp_path, **QUIET), monitor=monitor, folder=videos
    )

    def scripted(prompt_ids: list[list[int]], *_: Any, **__: Any) -> tuple[list[list[int]], None]:
        said = []
        for ids in prompt_ids:
            looked = "</tool_call>" in tokenizer.decode(ids)
            words = "<think></think><answer>1.00 to 3.00</answer>" if looked else CALL
            said.append([*tokenizer(words, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id])
        return said, None

    job._generate_single_turn = scripted
    made: list[dict[str, Any]] = []
    plain = job._generate_and_score_completions

    def spied(inputs: Any) -> Any:
        made.append(plain(inputs))
        return made[-1]

    job._generate_and_score_completions = spied
    pictures: list[int] = []

    def look(module: Any, args: Any, given: dict[str, Any]) -> None:
        if torch.is_grad_enabled():
            pictures.append(len(given["pixel_values"]))

    network.register_forward_pre_hook(look, with_kwargs=True)
    job.train()
    [batch] = made
    assert pictures == [4 * (4 + 16)]  # of four answers: four frames of the video and sixteen of the crop
    for ids, seen, own in zip(batch["completion_ids"], batch["completion_mask"], batch["tool_mask"], strict=True):
        counted = tokenizer.decode(ids[(seen * own).bool()])
        shown = tokenizer.decode(ids[(seen * (1 - own)).bool()])
        assert counted.replace("<|end|>", "") == CALL + "<think></think><answer>1.00 to 3.00</answer>"
        assert shown.count("<|image|>") == 16 * 4 and "<2.0 seconds>" in shown
    assert all("1.00 to 3.00" in text for text, _ in monitor.seen) and len(monitor.seen) == 4
