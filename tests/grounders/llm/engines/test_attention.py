"""Answers that share what a model keeps of the head are those of each alone, and the head is there once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the extra rl is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Part, Reply, Turn  # noqa: E402
from whenabouts.grounders.llm.engines import attention  # noqa: E402
from whenabouts.grounders.llm.engines.decoding import cache_name  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402
from whenabouts.training.post.tiny.models import tiny_model  # noqa: E402

IMAGES = tuple(np.random.default_rng(i).integers(0, 255, (56, 84, 3), dtype=np.uint8) for i in range(4))
FRAMES = Frames((0.0, 1.0, 2.0, 3.0), IMAGES, 1.0)
SHOWN: tuple[Part, ...] = (0, 1, 2, 3)
ASKED: list[Conversation] = [
    (Turn("user", (*SHOWN, f"When does {what} happen?")),) for what in ("it", "a dog that barks at the moon", "a bird")
]


def alone(engine: TransformersEngine) -> list[Reply]:
    return [engine.answer([one], FRAMES, Decoding(5))[0][0] for one in ASKED]


def assert_same(found: Sequence[Reply], expected: Sequence[Reply]) -> None:
    assert [one.tokens for one in found] == [one.tokens for one in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-4)


@pytest.mark.parametrize("kind", ["llava", "qwen2_vl", "qwen2_5_vl", "qwen3_vl"])
def test_rows_of_unlike_length_are_answered_as_each_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TransformersEngine.holding(*tiny_model(kind=kind))
    expected, products = alone(engine), []
    plain = attention._one
    monkeypatch.setattr(attention, "_one", lambda *given: products.append(len(given[2])) or plain(*given))
    assert_same([reply for [reply] in engine.answer(ASKED, FRAMES, Decoding(5))], expected)
    layers = engine.network.config.get_text_config().num_hidden_layers
    assert products == [3] * layers * 4  # one for each layer and token but the first, of all rows
    assert_same(alone(engine), expected)  # nothing was left behind
    monkeypatch.setattr(attention, "PLAIN", ())  # a model whose attention is not known gets copies of the head
    assert_same([reply for [reply] in engine.answer(ASKED, FRAMES, Decoding(5))], expected)
    assert len(products) == layers * 4


def test_the_head_is_held_once_and_the_network_left_as_it_was() -> None:
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    network, processor = tiny_model()
    engine = TransformersEngine.holding(network, processor)
    head, _, runs = engine._split(ASKED[0], Decoding())
    text, known = network.config.get_text_config(), set(ALL_ATTENTION_FUNCTIONS)
    before = text._attn_implementation
    with torch.inference_mode():
        given, cache = engine._read(head, runs, FRAMES)
        length = given.shape[1]
        with pytest.raises(ZeroDivisionError), attention.shared(network, cache, [2, 0, 1]) as kept:
            assert kept.get_seq_length() == length and all(layer.keys is None for layer in kept.layers)
            tail = torch.ones(3, 4, dtype=torch.long)
            network(input_ids=tail, attention_mask=torch.ones(3, length + 4), **{cache_name(): kept})
            assert kept.get_seq_length() == length + 4
            assert {layer.keys.shape[2] for layer in kept.layers} == {4}  # what was read is all that each row has
            raise ZeroDivisionError
    assert cache.get_seq_length() == length and {len(layer.keys) for layer in cache.layers} == {1}
    assert text._attn_implementation == before and set(ALL_ATTENTION_FUNCTIONS) == known


def test_kernels_that_plan_for_every_length_are_left_out_for_a_while() -> None:
    before = torch.backends.cuda.cudnn_sdp_enabled()
    with pytest.raises(ZeroDivisionError), attention.without_plans():
        assert not torch.backends.cuda.cudnn_sdp_enabled()
        raise ZeroDivisionError
    assert torch.backends.cuda.cudnn_sdp_enabled() == before
