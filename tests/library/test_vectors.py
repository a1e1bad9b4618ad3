"""The index of vectors finds what exact search finds, also what came after it was built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.library import vectors
from whenabouts.library.check import exact, neighbours, recall
from whenabouts.library.schema import lines_table, shots_table
from whenabouts.library.store import Library

DIM = 16


def fill(library: Library, number: int, count: int, rng: np.random.Generator) -> np.ndarray:
    centres = rng.normal(size=(40, DIM))
    rows = (centres[rng.integers(40, size=count)] + 0.5 * rng.normal(size=(count, DIM))).astype(np.float16)
    shots = shots_table([(float(i), i + 1.0) for i in range(count)], rows)
    library.add(f"{number:064x}", shots, lines_table([]), duration=float(count), language=None)
    return rows.astype(np.float32)


def test_an_index_finds_old_and_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MIN_INDEXED_VECTORS", 3000)
    rng = np.random.default_rng(0)
    library = Library(tmp_path / "library", encoder="test", dim=DIM)
    first = fill(library, 1, 2000, rng)
    assert not library.index()
    second = fill(library, 2, 2000, rng)
    assert library.index()
    third = fill(library, 3, 300, rng)  # not in the index yet
    shots = library.table("shots")
    everything = np.concatenate([first, second, third])
    queries = rng.normal(size=(20, DIM)).astype(np.float32)
    truth = -np.sort(-(queries @ everything.T), axis=1)[:, :20]
    assert exact(shots, queries) == pytest.approx(truth, abs=1e-3)
    assert recall(shots, queries) >= 0.95
    query = third[7] * 3
    [row] = vectors.nearest(shots, query, 1).to_pylist()
    assert 1 - row["_distance"] == pytest.approx(float((everything @ query).max()), rel=1e-2)
    only = vectors.nearest(shots, query, 5, f"sha256 = '{1:064x}'").to_pylist()
    assert {row["sha256"] for row in only} == {f"{1:064x}"}
    assert library.index() and recall(library.table("shots"), queries) >= 0.95


def test_a_low_recall_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MIN_INDEXED_VECTORS", 1000)
    monkeypatch.setattr(vectors, "PROBED_CELLS", 1)
    rng = np.random.default_rng(0)
    library = Library(tmp_path / "library", encoder="test", dim=DIM)
    fill(library, 1, 1500, rng)
    library.index()
    assert recall(library.table("shots"), rng.normal(size=(20, DIM)).astype(np.float32)) < 0.9


def test_the_recall_of_an_empty_library_is_1(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", encoder="test", dim=DIM)
    shots = library.table("shots")
    assert len(neighbours(shots, 5)) == 0 and recall(shots, neighbours(shots, 5)) == 1.0
