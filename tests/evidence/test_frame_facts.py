"""What no query changes is worked out once for the same vectors, and anew for all others and where it was damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.encoders.looking import Features
from whenabouts.evidence.frame_facts import FrameFacts, frame_facts
from whenabouts.evidence.likeness import Likeness
from whenabouts.files.cache import cache_folder


class Counting(BuiltinEncoder):
    """Counts how often frames are described."""

    described_frames = 0

    def described(self, frames: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        self.described_frames += len(frames)
        return super().described(frames)


@pytest.fixture(scope="module")
def encoder() -> Counting:
    return Counting()


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))


def features(kept_as: str | None, lengths: Sequence[int] = (5, 2, 7)) -> Features:
    rng = np.random.default_rng(len(lengths))
    shots = np.repeat(rng.random((len(lengths), 1436)) ** 8, lengths, axis=0)
    half = np.sqrt(shots / shots.sum(axis=1, keepdims=True)).astype(np.float16)
    return Features(np.arange(len(half)) / 2, half, len(half), kept_as)


def same(one: FrameFacts, other: FrameFacts) -> bool:
    assert one.shown and other.shown
    pairs = zip((one.cuts, one.hubs, *one.shown), (other.cuts, other.hubs, *other.shown), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)


def test_facts_are_worked_out_once_for_the_same_vectors(encoder: Counting) -> None:
    bank, frames = Likeness.of(encoder), features("a")
    first, before = frame_facts(frames, encoder, bank), encoder.described_frames
    assert first.cuts.tolist() == [0, 5, 7]
    assert same(first, frame_facts(frames, encoder, bank)) and encoder.described_frames == before
    assert same(first, FrameFacts.of(frames, encoder, bank)) and encoder.described_frames == before + 14
    others = frame_facts(features("b", (3, 10)), encoder, bank)
    assert others.cuts.tolist() == [0, 3] and encoder.described_frames == before + 27


def test_nothing_is_kept_where_vectors_are_not(encoder: Counting) -> None:
    bank = Likeness.of(encoder, cache=False)
    frame_facts(features("a"), encoder, bank, cache=False)
    frame_facts(features(None), encoder, bank)
    assert not (cache_folder() / "facts").exists()


def test_damaged_or_foreign_facts_are_worked_out_anew(encoder: Counting) -> None:
    bank, frames = Likeness.of(encoder), features("a")
    facts = frame_facts(frames, encoder, bank)
    [path] = (cache_folder() / "facts").iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    assert same(facts, frame_facts(frames, encoder, bank))
    grown = replace(features("a", (5, 2, 8)), kept_as="a")
    assert len(frame_facts(grown, encoder, bank).hubs) == 15
