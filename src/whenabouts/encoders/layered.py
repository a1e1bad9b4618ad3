"""Features of a model's hidden layers: rows so wide that they are read from the disk when they are needed.

A file holds rows of any number of axes, such as (L, layers, tokens, width) in float16; a row is read flat, as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whenabouts.errors import InputError
from whenabouts.files.arrays import open_file, read_header

__all__ = ["StoredRows"]

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows `first` to `last` of a `.npy` file as an array (L, D), of which `np.asarray` makes one in memory."""

    path: Path
    first: int
    last: int
    width: int

    @classmethod
    def of(cls, path: Path) -> StoredRows:
        """All rows of a file, of which only the head is read. Raises InputError."""
        with open_file(path) as (file, size):
            shape = read_header(file, size, path).shape
        if len(shape) < 2 or 0 in shape:
            raise InputError(f"features in {path} are no rows (L, …): shape {shape}")
        return cls(path, 0, shape[0], math.prod(shape[1:]))

    @property
    def shape(self) -> tuple[int, int]:
        """(L, D)."""
        return len(self), self.width

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, rows: slice) -> StoredRows:
        start, stop, _ = slice(rows.start, rows.stop).indices(len(self))
        return StoredRows(self.path, self.first + start, self.first + max(start, stop), self.width)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.floating]:
        with open_file(self.path) as (file, size):
            header = read_header(file, size, self.path)  # again: a file may have changed since
            stored = np.memmap(
                self.path, header.dtype, "r", header.offset, header.shape, "F" if header.by_column else "C"
            )[self.first : self.last]
            with np.errstate(over="ignore"):
                values = np.array(stored, dtype=dtype or np.float32).reshape(-1, self.width)
        if len(values) != len(self):
            raise InputError(f"{self.path} changed while it was read; start again")
        if not np.isfinite(values).all():
            raise InputError(f"features in {self.path} are not finite")
        return values
