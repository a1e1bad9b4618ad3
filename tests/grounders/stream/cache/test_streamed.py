"""Real classes of transformers with small random weights, run through a stream with every policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny_checkpoints import make_checkpoint
from whole_videos import pictures, plain_logits

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.stream.cache import POLICIES
from whenabouts.grounders.stream.cache.full import Full
from whenabouts.grounders.stream.cache.streamed import StreamedModel
from whenabouts.grounders.stream.cache.window import Window

QUESTION = "What is shown?"


def read(engine: Any, policy: Any, frames: list[np.ndarray], seconds: float = 0.75) -> StreamedModel:
    """The model after a stream of frames, two to a chunk, one chunk every `seconds`."""
    model = StreamedModel(engine, policy)
    for step in range(len(frames) // 2):
        model.see(frames[2 * step : 2 * step + 2], step * seconds)
    return model


@pytest.mark.parametrize("policy", POLICIES)
def test_with_room_for_all_a_stream_is_what_the_plain_model_sees(engine: Any, policy: str) -> None:
    frames, seconds = pictures(12), 0.75
    model = read(engine, POLICIES.named(policy)(), frames, seconds)
    expected = plain_logits(engine, frames, seconds, QUESTION)
    assert (model.logits(QUESTION) - expected).abs().max() < 1e-4
    other = plain_logits(engine, frames[::-1], seconds, QUESTION)
    assert (expected - other).abs().max() > 1e-3  # the frames matter


def test_many_frames_a_second(engine: Any) -> None:
    frames, seconds = pictures(12, seed=3), 0.2
    expected = plain_logits(engine, frames, seconds, QUESTION)
    assert (read(engine, Full(), frames, seconds).logits(QUESTION) - expected).abs().max() < 1e-4


def test_hours_without_a_picture_do_not_use_up_positions(engine: Any) -> None:
    model = read(engine, Window(budget=64), pictures(4))
    for day in (1, 2, 3):
        model.see(pictures(1)[0], 86_400.0 * day)
    assert model.logits(QUESTION).isfinite().all()


def test_an_answer_is_what_the_plain_model_writes(engine: Any) -> None:
    frames = pictures(6, seed=1)
    model = read(engine, Full(), frames)
    reply = model.ask(QUESTION, tokens=5)
    ends = model._words.ends()
    written: list[int] = []
    while len(written) < 5:
        likely = plain_logits(engine, frames, 0.75, QUESTION, written).log_softmax(-1)
        if int(likely.argmax()) in ends:
            break
        assert reply.logprobs[len(written)] == pytest.approx(float(likely.max()), abs=1e-4)
        written.append(int(likely.argmax()))
    assert reply.text == engine.processor.tokenizer.decode(written, skip_special_tokens=True)
    assert len(reply.tokens) == len(reply.logprobs) == len(written)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_question_leaves_the_stream_as_it_is(engine: Any, policy: str) -> None:
    frames = pictures(10, seed=2)
    silent = read(engine, POLICIES.named(policy)(), frames)
    asked = read(engine, POLICIES.named(policy)(), frames[:6])
    before = asked.nbytes, asked.logits(QUESTION)
    asked.ask("Who is it?", tokens=3)
    asked.yes_probability("Is it red?")
    assert asked.nbytes == before[0] and (asked.logits(QUESTION) - before[1]).abs().max() < 1e-6
    for step in (3, 4):
        asked.see(frames[2 * step : 2 * step + 2], step * 0.75)
    assert asked.nbytes == silent.nbytes
    assert (asked.logits(QUESTION) - silent.logits(QUESTION)).abs().max() < 1e-5


def test_the_probability_of_yes_is_one_of_two(engine: Any) -> None:
    assert 0 < read(engine, Full(), pictures(4)).yes_probability("Is it red?") < 1


def test_a_single_frame_of_qwen_is_taken_twice(engine: Any) -> None:
    if engine.network.config.model_type == "llava_onevision":
        pytest.skip("a frame of LLaVA-OneVision is a step of its own")
    [frame] = pictures(1)
    with pytest.raises(ModelError, match="one frame or 2"):
        StreamedModel(engine, Full()).see([frame] * 3, 0.0)
    one, two = StreamedModel(engine, Full()), StreamedModel(engine, Full())
    one.see(frame, 0.0)
    two.see([frame, frame], 0.0)
    assert (one.logits(QUESTION) == two.logits(QUESTION)).all()


def test_positions_stay_small_however_long_the_stream(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.network.model.language_model.config, "max_position_embeddings", 95)
    frames = pictures(8)
    model = StreamedModel(engine, Window(budget=16))
    for second in range(110):
        model.see(frames[second % 8], float(second))
    reply = model.logits(QUESTION)
    assert reply.isfinite().all()
    late = StreamedModel(engine, Window(budget=16))  # the window has forgotten what came before it
    for second in range(60, 110):
        late.see(frames[second % 8], float(second))
    assert (reply - late.logits(QUESTION)).abs().max() < 1e-3


def test_more_than_the_model_was_trained_for_is_refused(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.network.model.language_model.config, "max_position_embeddings", 60)
    model = StreamedModel(engine, Full())
    with pytest.raises(ModelError, match="trained for 60 positions"):
        for second in range(80):
            model.see(pictures(1)[0], float(second))
    assert model.policy.nbytes > 0 and model.frames < 80  # nothing of the refused frame was kept


def test_full_refuses_beyond_its_bound(engine: Any) -> None:
    model = StreamedModel(engine, Full(bound=80))
    with pytest.raises(ModelError, match="full keeps 80 tokens at most"):
        for second in range(80):
            model.see(pictures(1)[0], float(second))


@pytest.mark.parametrize("time", [-1.0, float("nan"), float("inf")])
def test_time_goes_on(engine: Any, time: float) -> None:
    model = StreamedModel(engine, Full())
    model.see(pictures(1)[0], 0.0)
    with pytest.raises(ModelError, match="does not decrease"):
        model.see(pictures(1)[0], time)
    with pytest.raises(ModelError, match="does not decrease"):
        model.see([], 1.0)
    model.see(pictures(1)[0], 0.0)


@pytest.fixture(scope="module")
def qwen2(tmp_path_factory: pytest.TempPathFactory) -> TransformersEngine:
    return TransformersEngine(make_checkpoint("qwen2_vl", tmp_path_factory.mktemp("qwen2")), device="cpu")


def test_models_that_cannot_are_refused(
    qwen2: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = TransformersEngine(make_checkpoint("qwen3_vl", tmp_path_factory.mktemp("qwen3")), device="cpu")
    with pytest.raises(ModelError, match="qwen3_vl cannot read a stream"):
        StreamedModel(other, Full())
    text = qwen2.network.config.get_text_config()
    with monkeypatch.context() as patch:
        patch.setattr(text, "layer_types", ["full_attention", "sliding_attention"])
        with pytest.raises(ModelError, match="sliding window"):
            StreamedModel(qwen2, Full())
    with monkeypatch.context() as patch:
        patch.setattr(text, "rope_parameters", {"rope_type": "dynamic"})
        with pytest.raises(ModelError, match="dynamic positions"):
            StreamedModel(qwen2, Full())
    with monkeypatch.context() as patch:
        patch.setattr(qwen2.processor, "chat_template", "no video")
        with pytest.raises(ModelError, match="video_pad"):
            StreamedModel(qwen2, Full())
    StreamedModel(qwen2, Full())


def test_in_half_precision(qwen2: Any) -> None:
    model = StreamedModel(qwen2, Full())
    model.see(pictures(2), 0.0)
    assert model.logits(QUESTION).isfinite().all()
