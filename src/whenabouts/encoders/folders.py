"""Precomputed features in the usual layouts: a folder with a file per video or query, an LMDB, or one HDF5 file.

Rows are scaled to unit length, as the official readers do; those of actions leave them (`scaled=False`), and those of
hidden layers too (`layered=True`). Several folders can be concatenated in the order given, cut to the shortest. Nothing
is unpickled, and what is damaged, or would take more memory than its bytes justify, is refused (`files.arrays`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.clips import unit_rows
from whenabouts.encoders.hdf5 import HDF5
from whenabouts.encoders.layered import StoredRows
from whenabouts.encoders.lmdb import LMDB
from whenabouts.errors import InputError
from whenabouts.files.arrays import WORDS, Archive, open_file, read_array

__all__ = ["FeatureFolder", "SideBySide", "query_of"]

Float = NDArray[np.float32]
UNEVEN = 1.25  # times as many rows as in another folder, from which it is told
ZIP = b"PK"
SHOWN = 9  # names of arrays in an error
ARRAY_NAMES = ("features", "last_hidden_state", "token")  # in an npz: of clips, of words, of words for TVSum


class FeatureFolder(Mapping[str, Float]):
    """Features (L, D) by the name of a video or query, read on access.

    path:    a folder of `NAME.npz` (array `features` or `last_hidden_state`) or `NAME.npy`, an LMDB with such npz data
             under each name, or an HDF5 file with a data set per name; `NAME_rgb` and `NAME_opt` are one, as I3D's for
             TVSum
    layered: rows may have more axes, which are read flat and as they are; those of `.npy` files stay on the disk

    Raises InputError for any other path, and on access for damaged content; KeyErrors name the path.
    """

    def __init__(self, path: Path, *, scaled: bool = True, layered: bool = False) -> None:
        self.scaled, self.layered = scaled and not layered, layered
        self.path = path
        self._stored: dict[str, Path] = {}
        if (path / "data.mdb").is_file():
            self._names, self._read = _of_lmdb(LMDB(path), path)
        elif path.is_dir():
            files = _paired({f.stem: [f] for f in _files(path) if f.suffix in {".npz", ".npy"}})
            self._names, self._read = list(files), lambda name: _beside(files[name])
            alone = {name: each[0] for name, each in files.items() if len(each) == 1}
            self._stored = {name: file for name, file in alone.items() if layered and file.suffix == ".npy"}
        elif path.suffix in {".h5", ".hdf5"} and path.is_file():
            stored = HDF5(path)
            self._names, self._read = stored.names, stored.read
        else:
            raise InputError(f"{path} is not a directory of features, an LMDB or an HDF5 file")
        if not self._names:
            raise InputError(f"{path} has no features; it needs a file NAME.npz for each video or query")
        self._known = set(self._names)

    def __getitem__(self, name: str) -> Float:
        if name not in self._known:
            raise KeyError(f"{name!r} in {self.path}")
        if name in self._stored:
            return cast(Float, StoredRows.of(self._stored[name]))  # which all that takes rows takes for an array
        rows = self._read(name)
        if self.layered and rows.ndim > 2:
            rows = rows.reshape(len(rows), -1)
        with np.errstate(over="ignore"):
            values: Float = rows.astype(np.float32)
            fine = rows.ndim == 2 and rows.size and np.isfinite(np.linalg.norm(values, axis=1)).all()
        if not fine:
            raise InputError(f"features of {name!r} in {self.path} are not finite rows (L, D): shape {rows.shape}")
        return unit_rows(values) if self.scaled else values

    def query(self, name: str) -> str | None:
        """The query that features are of, where their file says it."""
        return query_of(self.path / f"{name}.npz")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._known


class SideBySide(Mapping[str, Float]):
    """Several folders as one: their rows are concatenated in the order given and cut to the shortest.

    uneven: of what was read, how many rows each folder has where one has many more than another
    """

    def __init__(self, parts: Sequence[Mapping[str, Float]]) -> None:
        self.parts = parts
        self.uneven: dict[str, list[int]] = {}

    def __getitem__(self, name: str) -> Float:
        rows = [part[name] for part in self.parts]
        counts = [len(r) for r in rows]
        if max(counts) > UNEVEN * min(counts) and max(counts) - min(counts) > 2:
            self.uneven[name] = counts
        return np.concatenate([r[: min(map(len, rows))] for r in rows], axis=1)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.parts[0] if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return all(name in part for part in self.parts)


def query_of(path: Path) -> str | None:
    """The query whose words a file has, where it says it, as those of `whenabouts features` do. Raises InputError."""
    if not path.is_file():
        return None
    with open_file(path) as (file, _):
        archive = Archive(file, path)
        return str(archive.read("query", WORDS)) if "query" in archive.names else None


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {(error.strerror or 'unknown reason').lower()}") from error


def _paired(files: dict[str, list[Path]]) -> dict[str, list[Path]]:
    """I3D of colours and of motion as one, in the order of TVSum's official readers."""
    for name in [stem.removesuffix("_rgb") for stem in files if stem.endswith("_rgb")]:
        if f"{name}_opt" in files and name not in files:
            files[name] = files.pop(f"{name}_rgb") + files.pop(f"{name}_opt")
    return files


def _beside(files: Sequence[Path]) -> NDArray[np.floating]:
    arrays = []
    for path in files:
        with open_file(path) as (file, size):
            arrays.append(_array(file, size, path))
    if len({array.shape[:1] for array in arrays}) > 1:
        raise InputError(f"{files[0]} and {files[1]} differ in their number of rows; write both of the same frames")
    if len({array.ndim for array in arrays}) > 1:
        raise InputError(f"{files[0]} and {files[1]} differ in their number of axes; write both as rows (L, D)")
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


Reader = Callable[[str], NDArray[np.floating]]


def _array(file: IO[bytes], size: int, where: Path | str) -> NDArray[np.floating]:
    head = file.read(len(ZIP))
    file.seek(0)
    if head != ZIP:
        return read_array(file, size, where)
    archive = Archive(file, where)
    name = next((name for name in ARRAY_NAMES if name in archive.names), None)
    if name is None:
        listed = ", ".join(archive.names[:SHOWN]) or "nothing"
        raise InputError(f"{where} has no array {' or '.join(ARRAY_NAMES)}, only: {listed}")
    return archive.read(name)


def _of_lmdb(base: LMDB, path: Path) -> tuple[list[str], Reader]:
    def read(name: str) -> NDArray[np.floating]:
        value = base.read(name)
        return _array(io.BytesIO(value), len(value), f"{name!r} in {path}")

    return base.names, read
