"""LiveVLM on random keys and values, and on tiny models of transformers. No official code is there to compare with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from random_chunks import LAYERS, chunks, prompt, question, run
from whole_videos import pictures, plain_logits

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.livevlm import LiveVLM
from whenabouts.grounders.stream.cache.policy import Chunk, Tokens
from whenabouts.grounders.stream.cache.rotary import Rotary
from whenabouts.grounders.stream.cache.streamed import StreamedModel


def held(policy: LiveVLM, layer: int = 0) -> Tokens:
    tokens = policy.attended(layer)
    assert tokens is not None
    return tokens


def test_nothing_is_dropped_within_the_budget() -> None:
    policy = run(LiveVLM(budget=32, short_term=8, clip=1), 10)
    assert held(policy).numbers.tolist() == list(range(40))


def test_beyond_it_the_budget_and_the_newest_are_held_in_every_layer() -> None:
    policy = run(LiveVLM(budget=32, short_term=8, clip=1), 100)
    for layer in range(LAYERS):
        numbers = held(policy, layer).numbers
        assert len(numbers) == 40
        assert (numbers.diff() > 0).all()
        assert numbers[-8:].tolist() == list(range(392, 400))


def test_clips_go_over_and_are_compressed_together() -> None:
    policy, sizes = LiveVLM(budget=32, short_term=8, clip=12), []
    for chunk in chunks(40):
        policy.arrive(chunk)
        sizes.append(len(held(policy)))
    # 12 of 20 go over, 12 of 20 again, and of the third 12 only 8 find room; from then on 12 of 12 are dropped.
    assert sizes == [*range(4, 44, 4), 40, 44, 48] + [40, 44, 48] * 9
    assert held(policy).numbers[32:].tolist() == list(range(144, 160))


def test_what_is_held_is_what_arrived() -> None:
    policy = run(LiveVLM(budget=32, short_term=8, clip=1), 50)
    for layer in range(LAYERS):
        whole = Tokens.join([chunk.layers[layer] for chunk in chunks(50)])
        kept = held(policy, layer)
        assert torch.equal(kept.keys, whole.take(kept.numbers).keys)
        assert torch.equal(kept.values, whole.take(kept.numbers).values)


def test_the_prompt_stays_and_is_no_part_of_the_budget() -> None:
    policy = LiveVLM(budget=16, short_term=4, clip=1, ratio=0.5)
    policy.arrive(prompt(3))
    run(policy, 50, begun=3)
    assert held(policy).frames[:3].tolist() == [-1, -1, -1]
    assert len(held(policy)) == 3 + 16 + 4
    recalled = policy.recall(0, question()[0])
    assert recalled is not None
    assert recalled.numbers[:3].tolist() == [0, 1, 2]


def test_a_token_that_the_newest_look_at_stays() -> None:
    policy = LiveVLM(budget=8, short_term=4, clip=1, top=1)
    for step, chunk in enumerate(chunks(60)):
        for tokens, queries in zip(chunk.layers, chunk.queries, strict=True):
            queries.fill_(1.0)
            if step == 2:
                tokens.keys[:, 1] = 20.0  # token 9
        policy.arrive(chunk)
    assert 9 in held(policy).numbers.tolist()


def test_a_question_sees_the_best_pages_and_the_newest() -> None:
    policy, query = run(LiveVLM(budget=32, short_term=8, clip=1, page=4, ratio=0.25), 100), question()[0]
    numbers = held(policy).numbers
    recalled = policy.recall(0, query)
    assert recalled is not None
    assert len(recalled) == 2 * 4 + 8
    pooled = query.unflatten(0, (2, 2)).mean(dim=(1, 2))
    keys = held(policy).keys[:, :32].unflatten(1, (8, 4)).mean(dim=2)
    best = (pooled[:, None] * keys).sum(dim=(0, 2)).topk(2).indices.sort().values
    expected = [*numbers[:32].view(8, 4)[best].flatten().tolist(), *numbers[32:].tolist()]
    assert recalled.numbers.tolist() == expected


def test_it_sees_everything_as_long_as_that_is_no_more() -> None:
    policy = run(LiveVLM(budget=40, short_term=8, clip=1, page=4, ratio=0.5), 7)
    recalled = policy.recall(0, question()[0])
    assert recalled is not None
    assert recalled.numbers.tolist() == list(range(28))


def test_where_tokens_stand_does_not_decide() -> None:
    plain, moved = (LiveVLM(budget=32, short_term=8, clip=1, page=4, ratio=0.25) for _ in range(2))
    for chunk in chunks(40):
        plain.arrive(chunk)
        layers = [tokens.placed(tokens.positions + 1_000) for tokens in chunk.layers]
        moved.arrive(replace(chunk, layers=layers))
    one, other = (policy.recall(0, question()[0]) for policy in (plain, moved))
    assert one is not None
    assert other is not None
    assert torch.equal(one.numbers, other.numbers)
    assert torch.equal(one.positions + 1_000, other.positions)


def test_what_comes_back_is_turned_as_it_was_where_it_stood(engine: Any) -> None:
    arrived: list[Chunk] = []

    class Recorded(LiveVLM):
        def arrive(self, chunk: Chunk) -> None:
            arrived.append(chunk)
            super().arrive(chunk)

    model = StreamedModel(engine, policy := Recorded(budget=8, short_term=2, clip=1, page=2, ratio=0.5))
    for step, picture in enumerate(pictures(12)):
        model.see(picture, step)
    whole = Tokens.join([chunk.layers[1] for chunk in arrived])
    back = policy.recall(1, arrived[-1].queries[1])
    assert back is not None
    assert len(back) < len(whole)
    rotary, stood = Rotary(engine.network.model.language_model), whole.take(back.numbers)
    assert torch.equal(rotary.turn(back.keys, back.positions), rotary.turn(stood.keys, stood.positions))


def test_bytes_are_constant_over_a_long_stream() -> None:
    policy, chunk = LiveVLM(budget=16, short_term=8, clip=1), next(chunks(1, layers=1))
    sizes = []
    for _ in range(10_000):
        policy.arrive(chunk)
        sizes.append(policy.nbytes)
    assert set(sizes[100:]) == {sizes[-1]}


def test_a_model_answers_from_a_compressed_cache(engine: Any) -> None:
    model, sizes = StreamedModel(engine, LiveVLM(budget=8, short_term=2, clip=1, page=2, ratio=0.5)), []
    for step, picture in enumerate(pictures(14)):
        model.see(picture, step)
        sizes.append(model.nbytes)
    assert torch.isfinite(model.logits("What is shown?")).all()
    assert sizes[-1] == sizes[10]


def test_with_room_for_all_a_question_gets_the_answer_of_the_plain_model(engine: Any) -> None:
    frames, model = pictures(12), StreamedModel(engine, LiveVLM(budget=4_000, short_term=6, clip=4, page=4))
    for step in range(6):
        model.see(frames[2 * step : 2 * step + 2], step * 0.5)
    expected = plain_logits(engine, frames, 0.5, "What is shown?")
    assert (model.logits("What is shown?") - expected).abs().max() < 1e-4


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"budget": 0}, "budget"),
        ({"lookers": 0}, "lookers"),
        ({"budget": 10, "capacity": 4}, "multiple"),
        ({"top": 12_001}, "top"),
        ({"ratio": 0.0}, "ratio"),
        ({"ratio": float("nan")}, "ratio"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelError, match=named):
        LiveVLM(**settings)
