"""Qwen's own classes with random weights behind the engine: text as trained, and frames seen once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from tiny_qwen import tiny_qwen  # noqa: E402

from whenabouts.grounders.llm.systems import SYSTEMS  # noqa: E402
from whenabouts.grounders.llm.transformers import TransformersEngine  # noqa: E402

KINDS = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")
IMAGES = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8) for i in range(4)]
ASKED = [SYSTEMS["qwen3-vl"].conversation(query, [0.0, 0.5, 1.0, 1.5]) for query in ("a cat", "a dog", "a bird")]


def counted(network: Any) -> list[int]:
    tower, calls = network.model.visual, []
    plain = type(tower).forward

    def forward(*args: Any, **named: Any) -> Any:
        calls.append(1)
        return plain(tower, *args, **named)

    tower.forward = forward
    return calls


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_seen_once_and_answers_do_not_depend_on_it(kind: str) -> None:
    network, processor = tiny_qwen(kind)
    engine, calls = TransformersEngine.holding(network, processor), counted(network)
    together = engine.answer(ASKED, IMAGES, tokens=5, temperature=0.0)
    assert len(calls) == 1 and all(len(answers) == 1 for answers in together)
    assert together == [engine.answer([one], IMAGES, tokens=5, temperature=0.0)[0] for one in ASKED]
    text = processor.apply_chat_template(
        [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "x"}]}], add_generation_prompt=True
    )
    assert text == "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>x<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_pixels_matter(kind: str) -> None:
    network, processor = tiny_qwen(kind)
    given = [processor(text=["<|image_pad|> a"], images=[[image]], return_tensors="pt") for image in IMAGES[:2]]
    with torch.no_grad():
        first, second = (network(**one).logits for one in given)
    assert first.shape == second.shape and not torch.allclose(first, second)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_is_the_same_model(kind: str, tmp_path: Path) -> None:
    network, processor = tiny_qwen(kind)
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    said = TransformersEngine.holding(network, processor).answer(ASKED[:1], IMAGES, tokens=5, temperature=0.0)
    assert TransformersEngine(tmp_path, device="cpu").answer(ASKED[:1], IMAGES, tokens=5, temperature=0.0) == said
