"""Models whose chat templates begin a thought: rows, rewards and answers are what the template itself writes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_rl import QUIET

import trl  # isort: skip

from whenabouts.grounders.llm.conversation import Decoding, Frames
from whenabouts.grounders.llm.engines.rendering import begun, rendered, start_of, thinks
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO, Recipe
from whenabouts.training.post import grpo, sft
from whenabouts.training.post.answering import answers
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import data_set, told
from whenabouts.training.post.seeing.sight import FIRST, Sight
from whenabouts.training.post.tiny.models import tiny_model

SHIPPED = Path(trl.__file__).parent / "chat_templates"  # as models on the hub have them
SWITCH = re.compile(r"\{%- if enable_thinking .*?\{%- else %\}(.*?)\{%- endif %\}", re.DOTALL)
TEMPLATES = {name: (SHIPPED / f"{name}.jinja").read_text("utf-8") for name in
             ("qwen2_5_vl", "qwen3_vl", "qwen3_5_think", "qwen3_5_nothink")}  # fmt: skip
TEMPLATES["always thinks"] = SWITCH.sub(r"\1", TEMPLATES["qwen3_5_think"])
THINKING = ("qwen3_5_think", "qwen3_5_nothink", "always thinks")
RNG = np.random.default_rng(0)
TIMES = (0.0, 1.0, 2.0, 3.0)
FRAMES = Frames(TIMES, tuple(RNG.integers(0, 255, (32, 32, 3), np.uint8) for _ in TIMES), 1.0)
CLIP = Clip.of_frames("thinking", FRAMES)
SAMPLE = Sample("q", "video.mkv", "a cat", ((1.5, 3.0),), 4.0)


def seeing(template: str, recipe: Recipe | None = None) -> Sight:
    words = [part for part in recipe.prompt.split("{}") if part] if recipe else []
    network, processor = tiny_model(words, kind="qwen3_5", hidden=64)
    processor.chat_template = TEMPLATES[template]
    network.base_model.visual.requires_grad_(False)
    return Sight(network, processor)


def written(sight: Sight, ids: list[int]) -> str:
    """Tokens as text, each piece of video as its mark."""
    text = sight.tokenizer.decode([token if token < FIRST else sight._pads[2] for token in ids])
    return re.sub(r"(<\|video_pad\|>)+", "<|video_pad|>", text)


def whole(sight: Sight, recipe: Recipe, answer: str) -> str:
    """What the template makes of the question and the answer to it."""
    prompt, _ = rendered(sight.processor, sight.question(SAMPLE, recipe, CLIP), opens_turn=False)
    said = [{"role": "user", "content": ""}, {"role": "assistant", "content": answer}]
    both = sight.tokenizer.apply_chat_template(said, chat_template=sight.chat_template, tokenize=False)
    return prompt + both[both.rindex("<|im_start|>assistant") :].removesuffix("\n")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_row_is_what_the_template_writes_of_question_and_answer(template: str, name: str) -> None:
    sight, recipe = seeing(template), RECIPES[name]
    truth = recipe.truth(SAMPLE.target)
    row = written(sight, sight.ids(SAMPLE, recipe, CLIP) + told(sight, recipe, truth))
    assert row == whole(sight, recipe, truth)
    turn = row.rpartition("<|im_start|>assistant\n")[2]
    assert turn.count("<think>") == turn.count("</think>") == int(template in THINKING or thinks(recipe.prompt))


def test_prompts_name_the_tag_in_which_their_answers_think() -> None:
    for recipe in RECIPES.values():
        assert thinks(recipe.prompt) == recipe.answer.startswith("<think>")


@pytest.mark.parametrize("template", THINKING)
def test_answers_that_do_not_think_are_learnt_behind_a_closed_thought(template: str) -> None:
    recipe = RECIPES["sft"]
    sight = seeing(template)
    row: dict[str, Any] = {"asked": (SAMPLE, CLIP), "truth": recipe.truth(SAMPLE.target)}
    given = sft._collator(recipe, sight)([row])  # type: ignore[arg-type]
    learnt = given["labels"][0] >= 0
    ids = given["input_ids"][0]
    assert sight.tokenizer.decode(ids[learnt]) == "The event happens in 1.5 - 3.0 seconds.<|im_end|>"
    assert written(sight, ids[~learnt].tolist()).endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


@pytest.mark.parametrize("template", TEMPLATES)
def test_rewards_read_an_answer_from_its_first_tag_on(template: str, tmp_path: Path) -> None:
    recipe = RECIPES["time-r1"]
    assert isinstance(recipe, GRPO)
    recipe = replace(recipe, batch=2, group=2, steps=1, epochs=1, tokens=24, beta=0.0, selection=None, guided=True)
    sight = seeing(template, recipe)
    rows = data_set([SAMPLE], recipe, lambda _: CLIP, video=True)
    job = grpo.trainer(recipe, sight.network, sight, rows, grpo.arguments(recipe, tmp_path, **QUIET))
    job.train()
    seen = [text for text, _ in job.reward_funcs[-1].seen]
    assert re.fullmatch(r"<think>\s*</think>\s*<answer>1.50 to 3.00</answer>", seen[1].strip())
    assert (job.start == "<think>\n") == (template in THINKING) and seen[0].startswith(job.start)
    assert job.state.log_history[0]["rewards/format/mean"] >= 0.5  # the true answer is in the form that is asked for


@pytest.mark.parametrize("template", THINKING)
@pytest.mark.parametrize("name", ["time-r1", "timelens"])
def test_the_engine_says_what_was_trained(template: str, name: str) -> None:
    recipe = RECIPES[name]
    sight = seeing(template)
    engine = TransformersEngine.holding(*tiny_model(kind="qwen3_5", hidden=64))
    engine.processor.chat_template = TEMPLATES[template]
    asked = sight.question(SAMPLE, recipe, CLIP)
    [said] = answers(sight.network, sight, [SAMPLE], recipe, lambda _: CLIP, tokens=6)
    [[reply]] = engine.answer([asked], FRAMES, Decoding(6))
    assert reply.text == said and len(reply.tokens) == len(reply.logprobs)
    start = start_of(sight, recipe.prompt)
    assert start == ("<think>\n" if thinks(recipe.prompt) else "") and said.startswith(start)
    likely = engine.likelihood(asked, FRAMES, f"{start}1 to 2")
    assert len(likely) == len(sight.tokenizer("1 to 2")["input_ids"])  # of what the model itself writes


@pytest.mark.parametrize(
    ("prompt", "start"),
    [
        ("a\n<think>\n", "<think>\n"),
        ("a<think>", "<think>"),
        ("a<think>\n\n</think>\n\n", ""),
        ("<think> it\n", ""),
        ("", ""),
    ],
)
def test_what_a_prompt_begins_of_an_answer(prompt: str, start: str) -> None:
    assert begun(prompt) == start
