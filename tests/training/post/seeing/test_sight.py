"""Qwen's models see video while they are trained: what they are later asked, in sampling and in the loss alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny_rl import TIME_R1

import torch  # isort: skip  # tiny_rl skips these tests where it is missing

from whenabouts.grounders.llm.conversation import Decoding, Frames
from whenabouts.grounders.llm.engines.positions import VIDEO
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.training.post.answering import answers
from whenabouts.training.post.loading import sampling_of
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.drawing import merged
from whenabouts.training.post.seeing.sight import FIRST, Sight
from whenabouts.training.post.tiny.models import tiny_model
from whenabouts.training.post.tiny.qwen import KINDS

RNG = np.random.default_rng(0)
TIMES = tuple(0.8 * k for k in range(6))
FRAMES = Frames(TIMES, tuple(RNG.integers(0, 255, (56, 84, 3), dtype=np.uint8) for _ in TIMES), 1.25)
CLIP = Clip.of_frames((__file__, "video"), FRAMES)  # no other test may show it
SHORT = replace(TIME_R1, prompt="When {}?", frames=6)  # words before the video
STAMPED = replace(SHORT, stamps="pairs", question_first=False)  # times in the text, words after the video
QUERIES = ("a cat", "a dog that barks at the moon")
SAID = ("<answer>2 to 5</answer>", "I saw it at 3.5 to 4.25 s")


def sight(kind: str) -> Sight:
    network, processor = tiny_model(kind=kind, hidden=64, layers=4)
    network.eval().base_model.visual.requires_grad_(False)
    return Sight(network, processor)


def sample(query: str) -> Sample:
    return Sample(query, "video.mkv", query, ((1.0, 3.0),), 4.8)


def told(seeing: Sight, recipe: Recipe, clip: Clip, queries: Sequence[str] = QUERIES) -> list[torch.Tensor]:
    """Log-probabilities of an answer to each query as the loss computes them: in one batch, padded on the left."""
    words = [seeing.tokenizer(text)["input_ids"] for text in SAID[: len(queries)]]
    rows = [seeing.ids(sample(q), recipe, clip) + said for q, said in zip(queries, words, strict=True)]
    given = seeing.batch(rows)
    with torch.no_grad():
        logprobs = seeing.network(**given).logits.log_softmax(-1)
    return [
        logprobs[i, -len(said) - 1 : -1].gather(-1, torch.tensor(said)[:, None])[:, 0] for i, said in enumerate(words)
    ]


@pytest.mark.parametrize("recipe", [SHORT, STAMPED], ids=["question first", "stamps in pairs"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_trained_on_what_the_engine_asks(kind: str, recipe: Recipe) -> None:
    seeing = sight(kind)
    engine = TransformersEngine.holding(*tiny_model(kind=kind, hidden=64, layers=4))
    found = told(seeing, recipe, CLIP)
    for query, text, logprobs in zip(QUERIES, SAID, found, strict=True):
        asked = recipe.prompting.conversation(query, TIMES, duration=4.8, stamped=engine.stamped, paired=engine.merges)
        assert asked == seeing.question(sample(query), recipe, CLIP)
        assert engine.likelihood(asked, FRAMES, text) == pytest.approx(logprobs.tolist(), abs=1e-4)


@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_video_and_within_the_budget_of_every_recipe(kind: str, steady: bool) -> None:
    seeing = sight(kind)
    times = tuple(0.5 * k if steady else 0.1 * k**2 for k in range(8))
    for name, recipe in RECIPES.items():
        small = replace(recipe, visual_tokens=96, frames=8)
        rule = sampling_of(small, seeing)
        width, height = rule.size(320, 200, 8)
        images = tuple(RNG.integers(0, 255, (height, width, 3), dtype=np.uint8) for _ in range(8))
        clip = Clip.of_frames((kind, name, steady), Frames(times, images, 2.0))
        row = np.array(seeing.ids(sample("a cat"), small, clip))
        shown = [seeing._items[number - FIRST] for number in dict.fromkeys(row[row >= FIRST].tolist())]
        assert {one.kind for one in shown} == {VIDEO} and sum(one.grid[0] for one in shown) == 4  # two frames a step
        assert int((row >= FIRST).sum()) == 4 * width * height // rule.token_side**2 <= 96
        written = small.stamps != "none" or kind != "qwen2_5_vl" or not steady
        text = seeing.tokenizer.decode(row[row < FIRST])
        assert len(re.findall(r"<\d+\.\d seconds>", text)) == (4 if written else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_other_frames_another_order_and_no_frames_change_what_is_said(kind: str) -> None:
    seeing = sight(kind)
    images = FRAMES.images
    others = tuple(RNG.integers(0, 255, image.shape, dtype=np.uint8) for image in images)
    clips = [CLIP, CLIP.blanked()]
    clips += [
        Clip.of_frames((__file__, i), replace(FRAMES, images=each)) for i, each in enumerate((images[::-1], others))
    ]
    found = torch.stack([told(seeing, STAMPED, clip, QUERIES[:1])[0] for clip in clips])
    apart = (found[:, None] - found[None]).abs().amax(-1)
    assert (apart[~torch.eye(4, dtype=torch.bool)] > 1e-4).all()


@pytest.mark.parametrize("kind", ["qwen2_5_vl"])
def test_time_is_in_the_positions_of_a_model_that_reads_it_there(kind: str) -> None:
    seeing = sight(kind)
    slow = Clip.of_frames((__file__, "slow"), replace(FRAMES, times=tuple(8 * t for t in TIMES), fps=FRAMES.fps / 8))
    row, late = (np.array(seeing.ids(sample("a cat"), SHORT, clip)) for clip in (CLIP, slow))
    (where, _), (later, _) = (seeing.positions(each) for each in (row, late))
    steps = [
        sorted({int(p) for p in at[0, ids >= FIRST] - at[0, ids >= FIRST].min()})
        for at, ids in ((where, row), (later, late))
    ]
    assert steps == [[0, 3, 6], [0, 25, 51]]  # 2 frames at 1.25 per second, 2 positions a second; then 8 times as far
    assert not torch.allclose(*(told(seeing, SHORT, clip, QUERIES[:1])[0] for clip in (CLIP, slow)), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_a_batch_are_those_of_the_engine(kind: str) -> None:
    seeing = sight(kind)
    engine = TransformersEngine.holding(*tiny_model(kind=kind, hidden=64, layers=4))
    samples = [sample(query) for query in (*QUERIES, QUERIES[0])]
    said = answers(seeing.network, seeing, samples, STAMPED, lambda one: CLIP, tokens=12)
    asked = [seeing.question(one, STAMPED, CLIP) for one in samples]
    assert said == [reply.text for [reply] in engine.answer(asked, FRAMES, Decoding(12))]
    assert said[0] == said[2]


def tower_calls(seeing: Sight) -> list[int]:
    calls: list[int] = []
    seeing.network.base_model.visual.register_forward_hook(lambda *_: calls.append(1))
    return calls


def test_the_tower_sees_a_clip_once_and_again_only_where_there_is_no_room() -> None:
    seeing, narrow = sight("qwen3_vl"), sight("qwen3_vl")
    narrow.most = 1
    other = Clip.of_frames((__file__, "other"), replace(FRAMES, images=FRAMES.images[::-1]))
    calls, again = tower_calls(seeing), tower_calls(narrow)
    for clip in (CLIP, other, CLIP, other):
        for query in QUERIES:
            [one], [two] = told(seeing, STAMPED, clip, [query]), told(narrow, STAMPED, clip, [query])
            torch.testing.assert_close(one, two, atol=1e-6, rtol=0)
    assert (len(calls), len(again)) == (2, 4)


def test_rows_wait_on_the_cpu_wherever_the_model_is() -> None:
    """A trainer pins them in memory before it moves them, which it cannot where they are on a GPU."""
    seeing = sight("qwen3_vl")
    seeing.network.to("meta")
    assert {rows.device.type for rows in seeing.batch([[5, 6, 7], [8]]).values()} == {"cpu"}


def test_merged_adapters_say_the_same_and_leave_no_trace() -> None:
    from whenabouts.training.post.run import adapters

    peft: Any = pytest.importorskip("peft", reason="the extra rl is not installed")
    seeing = sight("qwen2_5_vl")
    tuned = peft.get_peft_model(seeing.network, adapters(4))
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    before = {name: weight.clone() for name, weight in tuned.state_dict().items()}
    [apart] = told(seeing, SHORT, CLIP, QUERIES[:1])
    with merged(seeing.network):
        [together] = told(seeing, SHORT, CLIP, QUERIES[:1])
        assert any(not torch.equal(weight, before[name]) for name, weight in tuned.state_dict().items())
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=0)
    assert all(torch.equal(weight, before[name]) for name, weight in tuned.state_dict().items())
    [restored] = told(seeing, SHORT, CLIP, QUERIES[:1])
    assert torch.equal(restored, apart)


def test_recipes_say_where_their_papers_write_times() -> None:
    written = {name for name, recipe in RECIPES.items() if recipe.stamps != "none"}
    assert written == {"sft", "timelens", "timelens2"}
    assert all(RECIPES[name].stamps == "pairs" for name in written)
