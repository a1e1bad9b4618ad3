"""What a folder recommends in `generation_config.json` decides nothing: answers are drawn as `Decoding` says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import transformers as hf  # noqa: E402
from tiny_checkpoints import make_checkpoint  # noqa: E402

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Turn  # noqa: E402
from whenabouts.grounders.llm.engines.decoding import drawing  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402

FRAMES = Frames((0.0, 0.5), (np.full((56, 56, 3), 90, np.uint8), np.full((56, 56, 3), 30, np.uint8)), 2.0)
ASKED: Conversation = (Turn("user", (0, 1, "When?")),)
LEAKS: dict[str, dict[str, Any]] = {
    "published by Qwen2-VL": {},  # as `make_checkpoint` writes it: top_k 1, top_p 0.001, repetition_penalty 1.05 …
    "penalties": {"repetition_penalty": 5.0, "no_repeat_ngram_size": 1, "encoder_repetition_penalty": 3.0},
    "cut-offs": {"min_p": 0.9, "typical_p": 0.1, "epsilon_cutoff": 0.02, "eta_cutoff": 0.02, "top_k": 1},
    "tokens": {"suppress_tokens": list(range(200)), "begin_suppress_tokens": list(range(200, 250))},
    "forced": {"forced_bos_token_id": 5, "forced_eos_token_id": 6, "renormalize_logits": True},
    "biases": {"sequence_bias": [[[7], 90.0]], "bad_words_ids": [[i] for i in range(100)]},
    "beams": {"num_beams": 3, "length_penalty": 4.0, "early_stopping": True, "num_return_sequences": 2},
    "lengths": {"max_length": 3, "min_new_tokens": 9, "max_new_tokens": 1, "max_time": 0.001},
    "others": {"prompt_lookup_num_tokens": 2, "guidance_scale": 3.0, "penalty_alpha": 0.6, "use_cache": False},
}


def leaky(folder: Path, settings: dict[str, Any]) -> Path:
    """A published folder with more in its generation_config.json."""
    path = make_checkpoint("qwen2_vl", folder) / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | settings), "utf-8")
    return folder


def logits_of(engine: TransformersEngine, ids: Any, seen: Any) -> Any:
    with torch.inference_mode():
        return engine.network(input_ids=ids, **seen).logits[0, -1].float()


def prompt_of(engine: TransformersEngine, asked: Conversation = ASKED) -> Any:
    head, tail, runs = engine._split(asked, Decoding())
    return engine.processor.shown(head + tail, runs, FRAMES)


@pytest.mark.filterwarnings("error::FutureWarning")
@pytest.mark.parametrize("name", LEAKS)
def test_greedy_is_the_likeliest_token_and_nothing_else(name: str, tmp_path: Path) -> None:
    engine = TransformersEngine(leaky(tmp_path, LEAKS[name]), device="cpu")
    [[reply]] = engine.answer([ASKED], FRAMES, Decoding(5))
    given = prompt_of(engine)
    ids = given.pop("input_ids")
    start = ids.shape[1]
    ends = engine.network.generation_config.eos_token_id
    for _ in range(5):
        given["mm_token_type_ids"] = torch.nn.functional.pad(
            given["mm_token_type_ids"], (0, ids.shape[1] - given["mm_token_type_ids"].shape[1])
        )
        seen = {key: value for key, value in given.items() if key != "attention_mask"}
        token = int(logits_of(engine, ids, seen).argmax())
        if token in ends:
            break
        ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
    assert reply.text == engine.processor.tokenizer.decode(ids[0, start:], skip_special_tokens=True)


@pytest.mark.parametrize("temperature", [0.7, 1.5])
@pytest.mark.parametrize("name", ["published by Qwen2-VL", "cut-offs", "penalties", "tokens", "biases"])
def test_answers_are_as_various_as_the_temperature_says(name: str, temperature: float, tmp_path: Path) -> None:
    engine = TransformersEngine(leaky(tmp_path, LEAKS[name]), device="cpu")
    engine.batch = 500
    with torch.no_grad():
        engine.network.lm_head.weight.mul_(20)  # far from uniform, so that a cut-off would show
    given = prompt_of(engine)
    logits = logits_of(engine, given.pop("input_ids"), {k: v for k, v in given.items() if k != "attention_mask"})
    wanted = torch.softmax(logits / temperature, -1)
    [replies] = engine.answer([ASKED], FRAMES, Decoding(1, temperature, samples=2000))
    ends = {engine.processor.tokenizer.decode([token]) for token in engine.network.generation_config.eos_token_id}
    found = Counter(reply.tokens[0] if reply.tokens else "" for reply in replies)
    texts = [engine.processor.tokenizer.decode([i], skip_special_tokens=True) for i in range(len(wanted))]
    shares: Counter[str] = Counter()
    for text, share in zip(texts, wanted.tolist(), strict=True):
        shares["" if text in ends else text] += share  # type: ignore[assignment]
    distance = sum(abs(found[text] / 2000 - share) for text, share in shares.items()) / 2
    # the expected distance of 2,000 draws from their own distribution is at most half the sum of their deviations
    noise = sum((share * (1 - share) / 2000) ** 0.5 for share in shares.values()) / 2
    assert distance < 1.5 * noise
    assert len(found) > 4


def test_what_is_asked_of_decoding_is_done(tmp_path: Path) -> None:
    engine = TransformersEngine(leaky(tmp_path, LEAKS["cut-offs"]), device="cpu")
    greedy = engine.answer([ASKED], FRAMES, Decoding(4))[0][0].text
    for narrow in (Decoding(4, 1.0, samples=6, top_k=1), Decoding(4, 1.0, samples=6, top_p=1e-6)):
        assert {reply.text for reply in engine.answer([ASKED], FRAMES, narrow)[0]} == {greedy}
    [[reply]] = engine.answer([ASKED], FRAMES, Decoding(12, repetition_penalty=1e6))
    known = [token for token in reply.tokens if token != "\N{REPLACEMENT CHARACTER}"]
    assert len(set(known)) == len(known) > 2  # no token twice, at such a price


def test_a_network_keeps_the_settings_that_it_came_with(tmp_path: Path) -> None:
    engine = TransformersEngine(make_checkpoint("qwen2_vl", tmp_path), device="cpu")
    before = engine.network.generation_config.to_dict()
    engine.answer([ASKED], FRAMES, Decoding(2, 1.0))
    assert engine.network.generation_config.to_dict() == before and before["top_k"] == 1
    with (
        pytest.raises(KeyError),
        drawing(engine.network, engine.processor.tokenizer, Decoding(2)),
    ):
        raise KeyError
    assert isinstance(engine.network.generation_config, hf.GenerationConfig)
    assert engine.network.generation_config.to_dict() == before
