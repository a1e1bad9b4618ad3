"""Real classes of transformers with small random weights, run through a stream."""

from __future__ import annotations

from typing import Any

import pytest
from whole_videos import pictures, plain_logits

from whenabouts.grounders.stream.cache import POLICIES
from whenabouts.grounders.stream.cache.streamed import StreamedModel

QUESTION = "What is shown?"


@pytest.mark.parametrize("policy", POLICIES)
def test_with_room_for_all_the_stream_is_the_plain_model(engine: Any, policy: str) -> None:
    frames, seconds = pictures(12), 0.75
    model = StreamedModel(engine, POLICIES.named(policy)())
    for step in range(6):
        model.see(frames[2 * step : 2 * step + 2], step * seconds)
    expected = plain_logits(engine, frames, seconds, QUESTION)
    assert (model.logits(QUESTION) - expected).abs().max() < 1e-4
    other = plain_logits(engine, frames[::-1], seconds, QUESTION)
    assert (expected - other).abs().max() > 1e-3  # the frames matter
