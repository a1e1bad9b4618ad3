"""Rows of hidden layers are read as official files hold them, when they are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders.folders import FeatureFolder
from whenabouts.encoders.layered import StoredRows
from whenabouts.errors import InputError


def layers(count: int = 7) -> np.ndarray:
    """(L, layers, tokens, width) in float16, as R2-Tuning's tools/extract_feat.py writes them."""
    return (np.arange(count * 24).reshape(count, 2, 3, 4) / 7).astype(np.float16)


def test_rows_are_flat_and_unscaled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", layers())
    rows = FeatureFolder(tmp_path, layered=True)["a"]
    assert rows.shape == (7, 24) and len(rows) == 7
    values = np.asarray(rows)
    assert values.dtype == np.float32 and np.array_equal(values, layers().reshape(7, 24))


def test_parts_of_parts_are_the_same_as_of_an_array(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", layers())
    rows, whole = StoredRows.of(tmp_path / "a.npy"), layers().reshape(7, 24).astype(np.float32)
    for part in (slice(2, 5), slice(None, 99), slice(-3, None), slice(5, 2)):
        assert np.array_equal(np.asarray(rows[part]), whole[part])
        assert np.array_equal(np.asarray(rows[1:6][part]), whole[1:6][part])


def test_an_npz_is_read_flat_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", features=layers())
    assert np.array_equal(FeatureFolder(tmp_path, layered=True)["a"], layers().reshape(7, 24))
    with pytest.raises(InputError, match="are not finite rows"):
        FeatureFolder(tmp_path)["a"]


def test_what_are_no_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"no array")
    np.save(tmp_path / "b.npy", np.zeros(3, np.float16))
    np.save(tmp_path / "c.npy", np.full((2, 3), np.nan, np.float16))
    np.save(tmp_path / "d.npy", np.array([{}], dtype=object))
    folder = FeatureFolder(tmp_path, layered=True)
    for name, reason in (("a", "without unpickling"), ("b", "are no rows"), ("d", "without unpickling")):
        with pytest.raises(InputError, match=reason):
            folder[name]
    with pytest.raises(InputError, match="not finite"):
        np.asarray(folder["c"])
