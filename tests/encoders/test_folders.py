"""Folders of features in the field's formats, and files that must not be believed."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders.folders import FeatureFolder, SideBySide
from whenabouts.errors import InputError

ROWS = {"abc_0_150": np.arange(12.0).reshape(4, 3) + 1, "def": np.ones((2, 3))}


def packed(rows: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, features=rows)
    return stream.getvalue()


def npz(path: Path) -> Path:
    path.mkdir()
    for name, rows in ROWS.items():
        (path / f"{name}.npz").write_bytes(packed(rows))
    return path


def npy(path: Path) -> Path:
    path.mkdir()
    for name, rows in ROWS.items():
        np.save(path / f"{name}.npy", rows)
    return path


def lmdb_of(path: Path) -> Path:
    lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed")
    with lmdb.open(str(path), map_size=1 << 20) as base, base.begin(write=True) as edit:
        for name, rows in ROWS.items():
            edit.put(name.encode(), packed(rows))
    return path


def hdf5(path: Path) -> Path:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    path = path.with_suffix(".hdf5")
    with h5py.File(path, "w") as file:
        for name, rows in ROWS.items():
            file[name] = rows
    return path


@pytest.mark.parametrize("make", [npz, npy, lmdb_of, hdf5])
def test_rows_come_back_with_unit_length(make: object, tmp_path: Path) -> None:
    folder = FeatureFolder(make(tmp_path / "features"))  # type: ignore[operator]
    assert set(folder) == set(ROWS) and len(folder) == 2
    for name, rows in ROWS.items():
        expected = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-5)
        assert folder[name].dtype == np.float32
        np.testing.assert_allclose(folder[name], expected, rtol=1e-6)
    assert "other" not in folder
    with pytest.raises(KeyError):
        folder["other"]


def test_side_by_side_is_cut_to_the_shortest(tmp_path: Path) -> None:
    first = FeatureFolder(npz(tmp_path / "a"))
    other = {"abc_0_150": np.full((3, 2), 7.0, np.float32)}
    both = SideBySide([first, other])
    assert list(both) == ["abc_0_150"]
    assert both["abc_0_150"].shape == (3, 5)
    assert (both["abc_0_150"][:, 3:] == 7).all()


def test_colours_and_motion_of_i3d_are_one(tmp_path: Path) -> None:
    """As `_get_video_feat_by_vid` of QD-DETR's start_end_dataset.py for TVSum: colours first, scaled together."""
    colours, motion = np.full((4, 2), 3, np.float32), np.full((4, 2), 4, np.float32)
    np.save(tmp_path / "v_rgb.npy", colours)
    np.save(tmp_path / "v_opt.npy", motion)
    folder = FeatureFolder(tmp_path)
    assert list(folder) == ["v"]
    np.testing.assert_allclose(folder["v"], np.array([[3, 3, 4, 4]] * 4) / np.sqrt(50), rtol=1e-4)
    np.save(tmp_path / "v_opt.npy", motion[:2])
    with pytest.raises(InputError, match="differ in their number of rows"):
        FeatureFolder(tmp_path)["v"]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1/0",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "npz or npy"),
        (b"PK\x03\x04 broken", "npz or npy"),
        (pickle.dumps(Evil()), "npz or npy"),
        (packed(np.array([[np.nan, 1.0]])), "not finite rows"),
        (packed(np.zeros(3)), "not finite rows"),
        (packed(np.zeros((0, 3))), "not finite rows"),
    ],
)
def test_damaged_or_dangerous_files_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(InputError, match=message):
        FeatureFolder(tmp_path)["v"]


def test_paths_without_features_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no features"):
        FeatureFolder(tmp_path)
    with pytest.raises(InputError, match="is not a directory of features"):
        FeatureFolder(tmp_path / "nowhere")
