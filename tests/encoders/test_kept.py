from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from damaged import mutants
from numpy.typing import NDArray

from whenabouts.encoders.kept import BATCH, kept_vectors
from whenabouts.encoders.usem import MultilingualEncoder


class Counting(MultilingualEncoder):
    """The encoder itself, which notes what it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode(texts)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))
    return tmp_path / "sentences"


@pytest.fixture(scope="module")
def encoder() -> Counting:
    return Counting()


TEXTS = ["the budget", "예산이 줄었다", "the budget", "a much longer sentence about bees and clocks"]


def test_no_text_is_encoded_twice(encoder: Counting) -> None:
    encoder.encoded.clear()
    first = kept_vectors(encoder, TEXTS)
    assert sorted(encoder.encoded) == sorted(set(TEXTS))
    again = kept_vectors(encoder, [*TEXTS, "one more"])
    assert encoder.encoded.count("one more") == 1 and len(encoder.encoded) == 4
    assert np.array_equal(first, again[:4]) and np.array_equal(first[0], first[2])


def test_without_a_cache_nothing_is_written(encoder: Counting, cache: Path) -> None:
    vectors = kept_vectors(encoder, TEXTS, cache=False)
    assert not cache.exists()
    assert np.array_equal(vectors, kept_vectors(encoder, TEXTS))


def test_a_damaged_file_is_replaced(encoder: Counting, cache: Path) -> None:
    first = kept_vectors(encoder, TEXTS)
    [path] = cache.iterdir()
    path.write_bytes(b"no database at all" * 100)
    assert np.array_equal(kept_vectors(encoder, TEXTS), first)
    encoder.encoded.clear()
    kept_vectors(encoder, TEXTS)
    assert not encoder.encoded


def test_what_was_done_before_an_interrupt_is_kept(encoder: Counting) -> None:
    texts = [f"sentence number {i}" for i in range(2 * BATCH)]

    def interrupt(done: float) -> None:
        assert 0 < done < 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept_vectors(encoder, texts, progress=interrupt)
    encoder.encoded.clear()
    fractions: list[float] = []
    kept_vectors(encoder, texts, progress=fractions.append)
    assert len(encoder.encoded) == BATCH
    assert fractions[-1] == 1.0 and fractions == sorted(fractions)


def test_a_folder_that_cannot_be_written_costs_only_the_speed(
    encoder: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "file"))
    assert kept_vectors(encoder, TEXTS).shape == (4, 512)


def test_no_texts_have_no_vectors(encoder: Counting) -> None:
    assert kept_vectors(encoder, []).shape == (0, 512)


class Standing:
    """An encoder without weights: a text's vector is made of its bytes."""

    name, dim, sha256 = "standing", 6, "0" * 64

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([np.resize(list(text.encode()), self.dim) for text in texts], dtype=np.float32)


def test_no_damage_of_the_store_changes_a_vector_or_raises(cache: Path) -> None:
    encoder, texts = Standing(), [f"line {number} {'x' * number}" for number in range(40)]
    right = kept_vectors(encoder, texts)
    [path] = cache.iterdir()
    whole = path.read_bytes()
    kept_vectors(encoder, [text[::-1] for text in texts])
    other = path.read_bytes()
    for damage, content in mutants(whole, other, 300, seed=1):
        path.write_bytes(content)
        assert np.array_equal(kept_vectors(encoder, texts), right), damage
