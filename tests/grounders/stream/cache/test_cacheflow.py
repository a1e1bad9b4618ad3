"""CacheFlow on random keys and values, and on tiny models; there is no official code to compare with."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_chunks import LAYERS, chunks, prompt, question, run
from whole_videos import pictures, plain_logits

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.cacheflow import CacheFlow
from whenabouts.grounders.stream.cache.policy import Tokens
from whenabouts.grounders.stream.cache.streamed import StreamedModel


def recalled(policy: CacheFlow, layer: int = 0) -> Tokens:
    policy.ask(question())
    tokens = policy.recall(layer, question()[layer])
    assert tokens is not None
    return tokens


def test_a_frame_sees_the_local_window_and_a_question_the_blocks_too() -> None:
    policy = run(CacheFlow(block=6, local=12, retrieved=100), 10)  # 40 tokens: 4 blocks leave, 16 stay
    window = policy.attended(0)
    assert window is not None
    assert window.numbers.tolist() == list(range(24, 40))
    assert recalled(policy).numbers.tolist() == list(range(40))


def test_blocks_come_back_as_they_left() -> None:
    policy = run(CacheFlow(block=6, local=6, retrieved=3), 30)
    for layer in range(LAYERS):
        back, whole = recalled(policy, layer), Tokens.join([chunk.layers[layer] for chunk in chunks(30)])
        assert torch.equal(back.keys, whole.take(back.numbers).keys)
        assert torch.equal(back.values, whole.take(back.numbers).values)


@pytest.mark.parametrize("index", ["gru", "mean"])
def test_a_question_picks_blocks_whole_alike_in_all_layers_and_in_order(index: Any) -> None:
    policy = run(CacheFlow(block=6, local=6, retrieved=3, index=index), 30)
    first, last = recalled(policy, 0), recalled(policy, LAYERS - 1)
    assert torch.equal(first.numbers, last.numbers)
    blocks = first.numbers[:18].view(3, 6)
    assert (blocks[:, 0] % 6 == 0).all()
    assert (first.numbers.diff() > 0).all()


def test_the_block_that_a_question_looks_for_is_found_by_the_mean_of_its_keys() -> None:
    policy, needle = CacheFlow(block=4, local=8, retrieved=2, index="mean"), question()
    for step, chunk in enumerate(chunks(300)):
        for tokens, query in zip(chunk.layers, needle, strict=True):
            if step == 11:
                tokens.keys[:] = query.unflatten(0, (2, 2)).mean(dim=(1, 2))[:, None]
        policy.arrive(chunk)
    assert set(range(44, 48)) <= set(recalled(policy).numbers.tolist())


def test_tokens_stand_side_by_side_behind_the_prompt() -> None:
    policy = CacheFlow(block=6, local=6, retrieved=3)
    policy.arrive(prompt(3))
    run(policy, 30, begun=3)
    back = recalled(policy)
    assert back.positions[0].tolist() == list(range(len(back)))
    assert back.frames[:3].tolist() == [-1, -1, -1]


def test_of_blocks_alike_the_older_is_dropped_and_what_was_seen_once_stays() -> None:
    policy = CacheFlow(block=4, local=4, blocks=5, retrieved=100, index="mean")
    for step, chunk in enumerate(chunks(200)):
        for tokens in chunk.layers:
            tokens.keys[:] = -1.0 if step == 3 else 1.0  # one block of tokens like no other
        policy.arrive(chunk)
    numbers = recalled(policy).numbers
    assert len(numbers) == 5 * 4 + 4
    assert set(range(12, 16)) <= set(numbers.tolist())


@given(st.integers(1, 8), st.integers(0, 40))
def test_blocks_come_back_whole_however_many_were_dropped(blocks: int, frames: int) -> None:
    policy = run(CacheFlow(block=3, local=5, blocks=blocks, retrieved=100, hidden=4), frames)
    if frames:
        whole = Tokens.join([chunk.layers[0] for chunk in chunks(frames)])
        back = recalled(policy)
        assert len(back) == min(4 * frames, len(policy.attended(0) or ()) + 3 * blocks)
        assert (back.numbers.diff() > 0).all()
        assert torch.equal(back.values, whole.take(back.numbers).values)


def test_frames_between_a_question_and_what_it_sees_do_not_mix_up_blocks() -> None:
    policy = run(CacheFlow(block=4, local=4, blocks=5, retrieved=2), 100)
    before = recalled(policy).numbers[:8].tolist()
    run(policy, 3, begun=400)
    after = policy.recall(0, question()[0])
    assert after is not None
    assert set(after.numbers[:-4].tolist()) <= set(before)  # of blocks that were dropped since nothing comes


@pytest.mark.parametrize("index", ["gru", "mean"])
def test_bytes_are_constant_over_a_long_stream(index: Any) -> None:
    policy, chunk, sizes = CacheFlow(block=4, local=4, blocks=8, hidden=4, index=index), next(chunks(1, layers=1)), []
    for _ in range(10_000):
        policy.arrive(chunk)
        sizes.append(policy.nbytes)
    assert set(sizes[100:]) == {sizes[-1]}


def test_with_room_for_all_a_question_gets_the_answer_of_the_plain_model(engine: Any) -> None:
    frames, model = pictures(12), StreamedModel(engine, CacheFlow(threshold=1.01, local=4_000))
    for step in range(6):
        model.see(frames[2 * step : 2 * step + 2], step * 0.5)
    expected = plain_logits(engine, frames, 0.5, "What is shown?")
    assert (model.logits("What is shown?") - expected).abs().max() < 1e-4


def test_a_model_answers_with_blocks_that_left_and_came_back(engine: Any) -> None:
    policy = CacheFlow(threshold=1.01, block=2, local=4, retrieved=3, blocks=6)
    model, sizes = StreamedModel(engine, policy), []
    for step, picture in enumerate(pictures(24)):
        model.see(picture, step)
        sizes.append(model.nbytes)
    assert torch.isfinite(model.logits("What is shown?")).all()
    window, seen = policy.attended(0), policy.recall(0, torch.zeros(1))  # what the question picked is picked still
    assert window is not None
    assert seen is not None
    assert len(seen) - len(window) == 3 * 2
    assert sizes[-1] == sizes[20]


def test_a_frozen_stream_leaves_one_frame_and_a_token_of_each_other(engine: Any) -> None:
    model = StreamedModel(engine, policy := CacheFlow())
    kept: list[list[int]] = []
    for step in range(5):
        model.see(pictures(1)[0], step)
        seen = policy.attended(0)
        assert seen is not None
        kept.append(torch.bincount(seen.frames[seen.frames >= 0]).tolist())
    assert kept[-1] == [*kept[0], 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"block": 0}, "block"),
        ({"depth": 0}, "depth"),
        ({"index": "lstm"}, "gru or mean"),
        ({"store": "gpu9"}, "gpu9"),
        ({"threshold": float("nan")}, "threshold"),
        ({"since": "ever"}, "frame or kept"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelError, match=named):
        CacheFlow(**settings)
