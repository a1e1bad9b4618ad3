"""What policies keep of a stream that is longer than their budget."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import numpy as np
import torch
from whole_videos import pictures

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache import POLICIES
from whenabouts.grounders.stream.cache.infinipot import InfiniPotV
from whenabouts.grounders.stream.cache.policy import Chunk, Tokens
from whenabouts.grounders.stream.cache.rekv import ReKV
from whenabouts.grounders.stream.cache.streamed import StreamedModel
from whenabouts.grounders.stream.cache.window import Window

SMALL: dict[str, dict[str, Any]] = {  # budgets of a few frames; a policy that is not here keeps more than this stream
    "window": {"budget": 24},
    "rekv": {"local": 8, "blocks": 4, "memory": 16},
    "infinipot-v": {"block": 8, "kept": 6},
    "livevlm": {"budget": 16, "short_term": 8, "clip": 4, "page": 4},
    "cacheflow": {"block": 4, "local": 8, "blocks": 6, "retrieved": 2},
}


@pytest.mark.parametrize("name", SMALL)
def test_bytes_are_bounded(engine: Any, name: str) -> None:
    model = StreamedModel(engine, POLICIES.named(name)(**SMALL[name]))
    frames, held = pictures(5), []
    for second in range(90):
        model.see(frames[second % 5], float(second))
        held.append(model.nbytes)
    assert max(held[30:60]) == max(held[60:]) == max(held)
    assert model.logits("What?").isfinite().all()


def chunk(frame: int, keys: Any, *, layers: int = 2, size: int = 2) -> Chunk:
    """A frame of `size` tokens whose keys are all `keys`, (D,)."""
    number = torch.arange(frame * size, (frame + 1) * size)
    row = torch.tensor(keys, dtype=torch.float32).expand(2, size, -1)
    one = Tokens(row, torch.randn(2, size, row.shape[-1]), number[None], number, torch.full((size,), frame))
    return Chunk([one] * layers, [row] * layers, row[0], (1, 1, size))


def test_window_keeps_whole_frames() -> None:
    policy = Window(budget=5)
    for frame in range(6):
        policy.arrive(chunk(frame, [0.0, 1.0]))
    held = policy.attended(0)
    assert held is not None and held.frames.tolist() == [4, 4, 5, 5]
    assert held.positions.tolist() == [[0, 1, 2, 3]]
    small = Window(budget=1)  # the newest frame is kept whole
    small.arrive(chunk(0, [0.0, 1.0]))
    small.arrive(chunk(1, [0.0, 1.0]))
    assert small.attended(0).frames.tolist() == [1, 1]  # type: ignore[union-attr]


def test_rekv_brings_back_what_was_seen_once_long_ago() -> None:
    policy = ReKV(local=4, blocks=2, memory=6)
    drawn = np.random.default_rng(0)
    for frame in range(200):
        keys = [5.0, 0.0, 0.0] if frame == 7 else [0.0, 1.0, drawn.normal(0, 0.02)]
        policy.arrive(chunk(frame, keys))
    window = policy.attended(0)
    assert window is not None and window.frames.tolist() == [198, 198, 199, 199]
    query = torch.tensor([1.0, 0.0, 0.0]).expand(4, 3, -1)  # four query heads, three words
    found = policy.recall(1, query)
    assert found is not None and 7 in found.frames.tolist() and len(found) == 4
    assert found.frames.tolist() == sorted(found.frames.tolist())
    assert len(policy._kept) == 6 and len(policy._alike) == 5


def test_rekv_forgets_the_oldest_where_the_window_fills_its_memory() -> None:
    policy = ReKV(local=100, blocks=2, memory=3)
    for frame in range(9):
        policy.arrive(chunk(frame, [frame, 1.0]))
    held = policy.attended(0)
    assert held is not None and held.frames.unique().tolist() == [6, 7, 8]


def test_infinipot_keeps_the_newest_frames_and_what_changed() -> None:
    policy = InfiniPotV(block=8, kept=4)
    for frame in range(8):
        policy.arrive(chunk(frame, [-1.0, 0.0] if frame == 2 else [1.0, 0.01 * frame]))
    held = policy.attended(0)
    assert held is not None and held.keys.shape == (2, 8, 2) and held.frames.shape == (2, 8)
    for row in held.frames.tolist():
        assert {6, 7} <= set(row) and row == sorted(row)
    with pytest.raises(ModelError, match="scale frames to one size"):
        policy.arrive(chunk(9, [0.0, 1.0], size=3))


@pytest.mark.parametrize(
    "made",
    [
        lambda: Window(budget=0),
        lambda: ReKV(memory=0),
        lambda: ReKV(blocks=5, run=2),
        lambda: InfiniPotV(block=8, kept=8),
        lambda: InfiniPotV(block=32, kept=8),
    ],
)
def test_sizes_that_cannot_be(made: Any) -> None:
    with pytest.raises(ModelError, match="the cache policy"):
        made()
