"""Qwen's own classes with random weights behind the engine: text as trained, frames as video, nothing read twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from media import even_times, make_video  # noqa: E402
from tiny_qwen import tiny_qwen  # noqa: E402

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply  # noqa: E402
from whenabouts.grounders.llm.engines.qwen import FrameProcessor, patches  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402
from whenabouts.grounders.llm.grounder import VideoLLM  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.video import Video  # noqa: E402

KINDS = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")
OWN = {"qwen2_vl": "unitime", "qwen2_5_vl": "qwen2.5-vl", "qwen3_vl": "qwen3-vl"}
TIMES = (0.0, 0.5, 1.0, 1.5)
IMAGES = tuple(np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8) for i in range(4))
FRAMES = Frames(TIMES, IMAGES, 2.0)
QUERIES = ("a cat", "a dog that barks at the moon", "a bird")


def asked(system: str, *queries: str) -> list[Conversation]:
    return [PAPERS[system].prompting.conversation(query, TIMES) for query in queries]


def texts(replies: Sequence[Sequence[Reply]]) -> list[list[str]]:
    return [[reply.text for reply in of_one] for of_one in replies]


def counted(network: Any) -> list[int]:
    tower, calls = network.model.visual, []
    plain = type(tower).forward

    def forward(*args: Any, **named: Any) -> Any:
        calls.append(1)
        return plain(tower, *args, **named)

    tower.forward = forward
    return calls


def plainly(network: Any, processor: FrameProcessor, text: str, runs: list[list[int]], tokens: int) -> str:
    """The answer of transformers' own `generate` to the whole prompt."""
    given = processor.shown(text, runs, FRAMES)
    if network.config.model_type == "qwen2_5_vl" and "video_grid_thw" in given:
        given["second_per_grid_ts"] = torch.tensor([1.0])
    with torch.no_grad():
        ids = network.generate(**given, max_new_tokens=tokens, do_sample=False)
    return processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("system", ["own", "qwen2-vl"])  # as video, and as images
def test_answers_in_a_batch_after_a_shared_reading_are_those_of_the_whole_prompt(kind: str, system: str) -> None:
    network, processor = tiny_qwen(kind)
    name = OWN[kind] if system == "own" else system
    engine, calls = TransformersEngine.holding(network, processor), counted(network)
    decoding = Decoding(6, opens_turn=PAPERS[name].prompting.opens_turn)
    together = texts(engine.answer(asked(name, *QUERIES), FRAMES, decoding))
    assert len(calls) == 1
    for query, [said] in zip(QUERIES, together, strict=True):
        head, tail, runs = engine._split(asked(name, query)[0], decoding)
        assert said == plainly(network, processor, head + tail, runs, 6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_before_the_frames_is_answered_too_and_frames_are_seen_once(kind: str) -> None:
    network, processor = tiny_qwen(kind)
    engine, calls = TransformersEngine.holding(network, processor), counted(network)
    turned = [(type(c[0])("user", (c[0].parts[-1], *c[0].parts[:-1])),) for c in asked(OWN[kind], *QUERIES[:2])]
    if kind == "qwen2_vl":
        turned = [(type(c[0])("user", (q, *IMAGES_AS_PARTS)),) for q, c in zip(QUERIES, turned, strict=False)]
    said = texts(engine.answer(turned, FRAMES, Decoding(4)))
    assert len(calls) == 1 and [len(of_one) for of_one in said] == [1, 1]


IMAGES_AS_PARTS = (0, 1, 2, 3)


def test_time_reaches_each_model_in_its_own_way() -> None:
    engines = {kind: TransformersEngine.holding(*tiny_qwen(kind)) for kind in KINDS}
    mark = "<|vision_start|><|video_pad|><|vision_end|>"
    texts = {}
    for kind, engine in engines.items():
        head, tail, runs = engine._split(asked(OWN[kind], "a cat")[0], Decoding(opens_turn=kind != "qwen2_vl"))
        texts[kind] = head + tail, runs
    question = "Please find the visual event described by the sentence 'a cat', determining its starting and ending"
    text, runs = texts["qwen3_vl"]
    assert text.startswith(f"<|im_start|>user\n<0.2 seconds>{mark}<1.2 seconds>{mark}{question}")
    assert text.endswith("<|im_end|>\n<|im_start|>assistant\n") and runs == [[0, 1], [2, 3]]
    text, runs = texts["qwen2_5_vl"]
    assert text.startswith(f"<|im_start|>user\n{mark}{question}") and runs == [[0, 1, 2, 3]]
    text, runs = texts["qwen2_vl"]
    stamp = "timestamp: {} seconds; feature: "
    assert text.startswith(f"<|im_start|>user\n{stamp.format(0.2)}{mark}{stamp.format(1.2)}{mark}This is a sequence")
    assert text.endswith("<|im_start|>user\nQuery:a cat\nAnswer: <|im_end|>\n") and runs == [[0, 1], [2, 3]]
    assert [engines[kind].stamped for kind in KINDS] == [True, False, True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["qwen2-vl", "timelens-7b"])  # which write a time before every picture
def test_two_frames_that_are_one_step_have_one_time(kind: str, name: str, tmp_path: Path) -> None:
    network, processor = tiny_qwen(kind)
    given: list[Any] = []
    network.register_forward_pre_hook(lambda _, args, named: given.append(named), with_kwargs=True)
    path = tmp_path / "video.mp4"
    make_video(path, fps=2, times=even_times(2, 4.0))
    with Video(path) as video:
        VideoLLM(TransformersEngine.holding(network, processor), prompting=name, frames=8).ground(video, ["it"])
    assert "image_grid_thw" not in given[0] and given[0]["video_grid_thw"][:, 0].tolist() == [1, 1, 1, 1]
    text = processor.tokenizer.decode(given[0]["input_ids"][0])
    assert re.findall(r"(\d\.\d)[^\d<]*>?<\|vision_start", text) == ["0.2", "1.2", "2.2", "3.2"]


def positions(network: Any, processor: FrameProcessor, frames: Frames) -> list[int]:
    """On the axis of time, as the model is given them for one video."""
    told: list[Any] = []

    def look(module: Any, args: Any, given: dict[str, Any]) -> None:
        told.append(given["position_ids"][0, 0][given["mm_token_type_ids"][0] == 2])

    hook = network.model.register_forward_pre_hook(look, with_kwargs=True)
    TransformersEngine.holding(network, processor)._read(*_head(network, processor), frames)
    hook.remove()
    return sorted(set((told[0] - told[0].min()).tolist()))


def _head(network: Any, processor: FrameProcessor) -> tuple[str, list[list[int]]]:
    head, _, runs = TransformersEngine.holding(network, processor)._split(asked("qwen2.5-vl", "a cat")[0], Decoding())
    return head, runs


def test_positions_of_a_video_tell_seconds_to_the_one_model_that_feels_them() -> None:
    network, processor = tiny_qwen("qwen2_5_vl")
    found = {}
    for fps in (2.0, 0.5):
        found[fps] = positions(network, processor, Frames(TIMES, IMAGES, fps))
    # two steps of time, 1 s apart at 2 frames per second and 4 s at 0.5; two positions per second
    assert found == {2.0: [0, 2], 0.5: [0, 8]}


def test_patches_are_those_of_transformers_and_hold_every_frame() -> None:
    _, processor = tiny_qwen("qwen3_vl")
    settings = processor.image_processor
    official = settings(images=[IMAGES[0]], return_tensors="np")
    pixels, grid = patches(IMAGES[:1], settings)
    assert grid == tuple(official["image_grid_thw"][0]) == (1, 4, 6)
    np.testing.assert_allclose(pixels, official["pixel_values"], atol=1e-6)
    both, grid = patches(IMAGES[:3], settings)
    assert grid == (2, 4, 6)
    halves = both.reshape(2, 24, 3, 2, 16 * 16)
    single = [patches(IMAGES[i : i + 1], settings)[0].reshape(24, 3, 2, 16 * 16)[:, :, 0] for i in range(3)]
    for step, slot, frame in [(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 2)]:
        np.testing.assert_array_equal(halves[step, :, :, slot], single[frame])
    assert patches([np.zeros((70, 90, 3), np.uint8)], settings)[1] == (1, 4, 6)  # fitted to whole patches


def test_words_after_a_long_video_stand_behind_its_last_second() -> None:
    network, processor = tiny_qwen("qwen2_5_vl")
    frames = Frames(tuple(map(float, range(40))), IMAGES * 10, 1.0)  # 20 steps of 2 s, 2 positions each second
    asked_of = [PAPERS["qwen2.5-vl"].prompting.conversation(query, frames.times) for query in ("a cat", "a dog")]
    told: list[Any] = []
    hook = network.model.language_model.register_forward_pre_hook(
        lambda module, args, given: told.append(given["position_ids"][-3:][0]), with_kwargs=True
    )
    TransformersEngine.holding(network, processor).answer(asked_of, frames, Decoding(2))
    hook.remove()
    seen, words, word = told
    assert words[0, 0] == seen.max() + 1  # rows of one batch, the first of which is not padded or follows its padding
    assert (words[:, -1] == word[:, 0] - 1).all()
    question = asked_of[1][0].parts[-1]
    assert int(words[1, -1] - seen.max()) >= len(str(question)) and int(seen.max()) > 76


@pytest.mark.parametrize("kind", KINDS)
def test_the_pixels_matter(kind: str) -> None:
    network, processor = tiny_qwen(kind)
    given = [processor.shown("<|image_pad|> a", [[i]], FRAMES) for i in range(2)]
    with torch.no_grad():
        first, second = (network(**one).logits for one in given)
    assert first.shape == second.shape and not torch.allclose(first, second)


def test_probabilities_of_what_was_written_are_the_models_own() -> None:
    network, processor = tiny_qwen("qwen3_vl")
    engine = TransformersEngine.holding(network, processor)
    [conversation] = asked("qwen3-vl", "a cat")
    for decoding in (Decoding(5), Decoding(5, 0.7, seed=1)):
        [[reply]] = engine.answer([conversation], FRAMES, decoding)
        head, tail, runs = engine._split(conversation, decoding)
        given = processor.shown(head + tail, runs, FRAMES)
        drawn = {"do_sample": True, "temperature": 0.7, "top_k": 0} if decoding.temperature else {"do_sample": False}
        torch.manual_seed(1)
        with torch.no_grad():
            out = network.generate(**given, max_new_tokens=5, return_dict_in_generate=True, output_logits=True, **drawn)
        written = out.sequences[0, given["input_ids"].shape[1] :]
        wanted = [
            float(torch.log_softmax(logits[0], -1)[token]) for logits, token in zip(out.logits, written, strict=True)
        ]
        assert reply.logprobs == pytest.approx(wanted[: len(reply.logprobs)], abs=1e-4) and reply.logprobs
        assert "".join(reply.tokens) == reply.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_is_the_same_model(kind: str, tmp_path: Path) -> None:
    network, processor = tiny_qwen(kind)
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    held, loaded = TransformersEngine.holding(network, processor), TransformersEngine(tmp_path, device="cpu")
    [[said]] = held.answer(asked(OWN[kind], "a cat"), FRAMES, Decoding(5))
    [[again]] = loaded.answer(asked(OWN[kind], "a cat"), FRAMES, Decoding(5))
    assert (again.text, again.tokens) == (said.text, said.tokens)
    assert again.logprobs == pytest.approx(said.logprobs, abs=1e-5)  # sums differ in their order from run to run
