"""Hubs give way, what only speech answers scores low, and the bank is made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders import load_encoder
from whenabouts.evidence import likeness
from whenabouts.evidence.likeness import Likeness, generic_queries
from whenabouts.synthetic.composed import ABSENT, SCENES


class Dice:
    """An encoder of texts as seeded vectors; counts its work."""

    name, size, dim = "dice", 8, 16

    def __init__(self, sha256: str = "0" * 64) -> None:
        self.sha256 = sha256
        self.texts = 0

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += len(texts)
        rows = [np.random.default_rng(list(text.encode())).normal(size=self.dim) for text in texts]
        return np.array(rows, dtype=np.float32)

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return np.zeros((len(images), self.dim), dtype=np.float32)


def test_the_bank_has_no_query_twice_and_none_of_the_measurement() -> None:
    queries = [query for part in generic_queries() for query in part]
    assert 200 <= len(queries) == len(set(queries)) <= 500
    measured = {query for scenes in SCENES.values() for scene in scenes for query, _ in scene.queries}
    assert not measured & set(queries)
    assert not {query for absent in ABSENT.values() for query in absent} & set(queries)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Makes this process as one that has encoded nothing; the folder of the cache is its own."""
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))

    def begin() -> None:
        monkeypatch.setattr(likeness, "_encoded", {})

    begin()
    return begin


def test_the_bank_is_encoded_once(fresh: Callable[[], None], tmp_path: Path) -> None:
    first, second, other = Dice(), Dice(), Dice("1" * 64)
    made = Likeness.of(first)
    fresh()
    read = Likeness.of(second)
    assert first.texts > 0 == second.texts
    np.testing.assert_array_equal(made.seen, read.seen)
    Likeness.of(other)
    assert other.texts == first.texts
    [one, _] = sorted((tmp_path / "queries").iterdir())
    one.write_bytes(b"damaged")
    fresh()
    for sha256 in ("0" * 64, "1" * 64):
        np.testing.assert_array_equal(Likeness.of(Dice(sha256)).spoken, made.spoken)


@pytest.mark.usefixtures("fresh")
def test_without_the_cache_nothing_is_written_and_a_process_encodes_it_once(tmp_path: Path) -> None:
    first, second = Dice(), Dice()
    made, again = (Likeness.of(each, cache=False) for each in (first, second))
    assert not list(tmp_path.iterdir())
    assert first.texts > 0 == second.texts
    np.testing.assert_array_equal(made.spoken, again.spoken)
    Likeness.of(second)
    assert second.texts == 0 and len(list((tmp_path / "queries").iterdir())) == 1, "what is known is kept too"


def test_a_picture_that_fits_every_query_gives_way_to_one_that_fits_this() -> None:
    bank = np.tile(np.array([[1, 0, 0]], np.float32), (20, 1)) + 0.01 * np.eye(20, 3, dtype=np.float32)
    likeness = Likeness(bank[:10], bank[10:15], bank[15:])
    query = np.array([[0.5, 0.45, 0]], np.float32)
    hub, fitting = np.eye(3, dtype=np.float32)[:2]
    frames = np.stack([hub, fitting])
    assert (query @ frames.T)[0].argmax() == 0
    assert likeness.curves(query, frames)[0].argmax() == 1


def test_what_only_speech_answers_scores_low_and_what_is_seen_does_not() -> None:
    encoder = load_encoder("builtin")
    likeness = Likeness.of(encoder)
    spoken = ("she apologises", "he corrects himself", "they mention the contract", "what is the name of his wife")
    seen = ("a dog on a lawn", "a man opens the fridge", "person reading books", "two women walk in a park")
    frames = np.full((3, encoder.dim), 0.05, np.float32)
    plain = encoder.encode_texts([*spoken, *seen])
    lowered = (plain @ frames.T - likeness.curves(plain, frames)).mean(axis=1)
    assert lowered[: len(spoken)].min() > lowered[len(spoken) :].max() + 0.1
