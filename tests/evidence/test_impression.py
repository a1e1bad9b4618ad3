"""Presence weighs what pictures seem to show; the order of moments stays that of heights."""

from __future__ import annotations

import numpy as np
import pytest

from whenabouts.encoders import load_encoder
from whenabouts.evidence.impression import Describing, Impression, described_shots
from whenabouts.evidence.presence import PRESENCE


def test_a_frame_of_one_class_is_described_by_its_name() -> None:
    encoder = load_encoder("builtin")
    assert isinstance(encoder, Describing)
    frames = np.zeros((2, encoder.dim), np.float32)
    frames[0, 292] = frames[1, 963] = 1.0  # ImageNet: a tiger, a pizza
    meanings = encoder.meanings(["a tiger", "a slice of pizza", "she apologises"])
    likeness = meanings @ encoder.described(frames).T
    assert likeness[0].argmax() == 0 and likeness[1].argmax() == 1
    known = encoder.familiarity(meanings)
    assert known[:2].min() > known[2]
    best = Impression.of(encoder, cache=False).best(meanings, described_shots(encoder, frames, np.array([0, 1])))
    assert best.shape == (3,) and best[:2].min() > best[2]


def test_presence_shifts_the_bias_only() -> None:
    weights = PRESENCE["builtin"]
    low, high = weights.calibration(0.0, 0.5), weights.calibration(3.0, 0.5)
    assert low.slope == high.slope == weights.height
    assert low.probability(0.2) < high.probability(0.2) < high.probability(0.4)
    assert high.height(high.probability(0.3)) == pytest.approx(0.3)
