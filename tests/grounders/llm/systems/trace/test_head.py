"""TRACE's extra vocabularies and its switching between heads, on a tiny random Mistral."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from whenabouts.grounders.llm.systems.trace.head import (  # noqa: E402
    Event,
    TraceHeads,
    encode_event,
    first_span,
    generate,
    parse,
    trace_loss,
)

V = 20
END = 2


@pytest.fixture
def model() -> Any:
    torch.manual_seed(0)
    config = transformers.MistralConfig(
        vocab_size=V,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=None,
    )
    return transformers.MistralForCausalLM(config)


def tell(ids: list[int]) -> str:
    return "".join(chr(ord("a") + token) for token in ids)


def test_official_token_ids() -> None:
    """32000 + 1 + place in (sync, sep, 0-9, "."), and scores 13 further on."""
    assert encode_event([12.3, 45.0]) == [
        *(32003, 32003, 32004, 32005, 32013, 32006, 32002),
        *(32003, 32003, 32007, 32008, 32013, 32003, 32001),
        32014,
    ]
    assert encode_event([], [4.5]) == [32001, 32020, 32026, 32021, 32014]


@given(st.lists(st.integers(0, 99999), max_size=4), st.lists(st.integers(0, 99), max_size=3))
def test_what_is_encoded_is_parsed_back(times: list[int], scores: list[int]) -> None:
    ids = [*encode_event([t / 10 for t in times], [s / 10 for s in scores], vocabulary=V), 1, 2, V]
    assert parse(ids, tell, vocabulary=V) == [Event(tuple(t / 10 for t in times), tuple(s / 10 for s in scores), "bc")]


def test_times_that_six_characters_cannot_tell_are_refused() -> None:
    for seconds in (10000.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=r"from 0 to 9999\.9"):
            encode_event([seconds])


def test_the_first_event_with_exactly_two_times_counts() -> None:
    def event(*times: float) -> list[int]:
        return [*encode_event(times, vocabulary=V), 0, V]

    events = parse([*event(1.0), *event(1.0, 2.0, 3.0), *event(4.0, 5.5), *event(6.0, 7.0)], tell, vocabulary=V)
    assert len(events) == 4 and first_span(events) == (4.0, 5.5)
    assert first_span(parse(event(1.0), tell, vocabulary=V)) is None


def test_an_answer_cut_short_and_digits_without_sense_do_no_harm() -> None:
    dot, one = V + 1 + 12, V + 1 + 3
    assert parse([one, dot, one, dot], tell, vocabulary=V) == [Event((), (), "")]
    assert parse([], tell, vocabulary=V) == []


@pytest.mark.parametrize("temperature", [0.0, 5.0])
def test_each_head_is_followed_by_the_next(model: Any, temperature: float) -> None:
    heads = TraceHeads(32, V)
    generator = torch.Generator().manual_seed(3)
    prompt = heads.embed(torch.tensor([[1, V]]), model.get_input_embeddings().weight)
    said = generate(model, heads, prompt, stop=-1, limit=300, temperature=temperature, generator=generator)
    mode, modes = 1, set()
    for token in said:
        kind = heads.ranges()[mode]
        modes.add(mode)
        assert kind.start <= token < kind.stop
        if token in (V, V + 1, V + 14):
            mode = {V: 1, V + 1: 2, V + 14: 0}[token]
    assert len(said) == 300 and (temperature == 0 or modes == {0, 1, 2})


def test_cached_steps_say_what_one_pass_over_the_answer_says(model: Any) -> None:
    heads = TraceHeads(32, V)
    words = model.get_input_embeddings().weight
    start = torch.tensor([[1, V]])
    said = generate(model, heads, heads.embed(start, words), stop=-1, limit=12)
    inputs = heads.embed(torch.cat([start, torch.tensor([said])], 1), words)
    logits = heads.logits(model.get_decoder()(inputs_embeds=inputs).last_hidden_state, model.lm_head)
    for place, token in enumerate(said):
        kind = next(kind for kind in heads.ranges() if kind.start <= token < kind.stop)
        assert int(logits[0, place + 1, kind].argmax()) + kind.start == token


def test_learns_to_tell_when_from_what_the_prompt_shows(model: Any) -> None:
    heads = TraceHeads(32, V)
    words = model.get_input_embeddings().weight
    spans = [(1.5, 4.0), (12.3, 45.6), (100.0, 107.9), (2.0, 2500.5)]
    rows = [[3 + i, V, *encode_event(span, [4.5], vocabulary=V), 10 + i, END] for i, span in enumerate(spans)]
    ids = torch.tensor(rows)
    labels = ids.clone()
    labels[:, :2] = -100
    adam = torch.optim.Adam([*model.parameters(), *heads.parameters()], 3e-3)
    for _ in range(150):
        hidden = model.get_decoder()(inputs_embeds=heads.embed(ids, words)).last_hidden_state
        loss = trace_loss(heads.logits(hidden, model.lm_head), labels, heads)
        adam.zero_grad()
        loss.backward()
        adam.step()
    for i, span in enumerate(spans):
        said = generate(model, heads, heads.embed(ids[i : i + 1, :2], words), stop=END, limit=40)
        assert parse(said, tell, vocabulary=V) == [Event(span, (4.5,), tell([10 + i]))]


def test_official_names() -> None:
    names = {name.removesuffix(".weight") for name in TraceHeads(8).state_dict()}
    towers = {f"{kind}_tower.embed_tokens" for kind in ("time", "score", "sync")}
    assert names == towers | {"time_head", "score_head", "sync_head"}
