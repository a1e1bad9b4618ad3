"""What is computed block by block is what it is at once, wherever the blocks end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.encoders import load_encoder
from whenabouts.evidence.boundaries import shots
from whenabouts.evidence.impression import Describing, described_shots
from whenabouts.evidence.likeness import Likeness

COUNT = 61


def frames(dim: int) -> NDArray[np.float16]:
    """A video of shots of 1 to 20 frames, as vectors of probabilities."""
    rng = np.random.default_rng(7)
    of_shots = rng.random((8, dim)) ** 8
    shown = np.repeat(of_shots, [1, 20, 2, 9, 1, 1, 7, 20], axis=0) + rng.random((COUNT, dim)) * 0.01
    return np.sqrt(shown / shown.sum(axis=1, keepdims=True)).astype(np.float16)


@pytest.mark.parametrize("rows", [1, 2, 7, 60, 61, 62])
def test_blocks_change_nothing(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_encoder("builtin")
    assert isinstance(encoder, Describing)
    vectors = frames(encoder.dim)
    texts = encoder.encode_texts(["a dog", "she apologises"])
    likeness = Likeness.of(encoder)

    def all_of_it() -> tuple[NDArray[Any], ...]:
        cuts = shots(vectors)
        return cuts, likeness.curves(texts, vectors), described_shots(encoder, vectors, cuts)

    at_once = all_of_it()
    assert at_once[0].tolist() == [0, 1, 21, 23, 34, 41]
    monkeypatch.setattr("whenabouts.evidence.blocks.ROWS", rows)
    cuts, curves, described = all_of_it()
    np.testing.assert_array_equal(cuts, at_once[0])
    np.testing.assert_allclose(curves, at_once[1], atol=1e-6)
    np.testing.assert_allclose(described, at_once[2], atol=1e-6)
