"""Features of a model's hidden layers: rows so wide that they are read from the disk when they are needed.

A file holds rows of any number of axes, such as (L, layers, tokens, width) in float16; a row is read flat, as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whenabouts.errors import InputError

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
        try:
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise InputError(f"{path} is not an npy file that can be read without unpickling") from error
        if stored.ndim < 2 or not stored.size:
            raise InputError(f"features in {path} are no rows (L, …): shape {stored.shape}")
        return cls(path, 0, len(stored), int(np.prod(stored.shape[1:])))

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
        stored = np.load(self.path, mmap_mode="r", allow_pickle=False)[self.first : self.last]
        values = np.array(stored, dtype=dtype or np.float32).reshape(len(self), self.width)
        if not np.isfinite(values).all():
            raise InputError(f"features in {self.path} are not finite")
        return values
