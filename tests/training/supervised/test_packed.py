"""Rows are read once, shared, and beyond what memory allows kept in files without a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import Float, with_features
from whenabouts.training.supervised.packed import Packed


class Source(Mapping[str, Float]):
    """Ten videos of two to eleven rows, which counts how often one is read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __getitem__(self, name: str) -> Float:
        self.read.append(name)
        count = 2 + int(name)
        return np.random.default_rng(count).normal(size=(count, 5)).astype(np.float32)

    def __iter__(self) -> Iterator[str]:
        return (str(i) for i in range(10))

    def __len__(self) -> int:
        return 10


def examples(videos: list[str]) -> list[Example]:
    return [Example(i, video, "", np.array([[0.0, 1.0]]), 20.0) for i, video in enumerate(videos)]


@pytest.mark.parametrize("memory", [0, 200, 10**6])
def test_rows_are_the_same_wherever_they_are_kept_and_read_once(memory: int, tmp_path: Path) -> None:
    source, words = Source(), {str(i): np.ones((2, 3), np.float32) for i in range(20)}
    videos = [str(i) for i in (3, 9, 3, 0, 9, 3, 1, 2, 4, 5, 6, 7, 8, 0)]
    packed = Packed(source, memory=memory, folder=tmp_path)
    made = with_features(examples(videos), packed, words)
    assert sorted(source.read) == sorted(set(videos))
    assert all(np.array_equal(e.video, Source()[e.example.video]) for e in made)
    assert np.shares_memory(made[0].video, made[5].video)
    assert list(tmp_path.iterdir()) == []  # the files have no name


def test_what_a_file_holds_is_not_in_memory(tmp_path: Path) -> None:
    rows = Packed(Source(), memory=100, folder=tmp_path)
    base = rows["9"].base
    assert isinstance(base, np.memmap) or isinstance(getattr(base, "base", None), np.memmap)
    assert not isinstance(rows["0"].base, np.memmap)
