"""Rows of a training set, each read once: in memory as far as they fit, and behind that in a file that is mapped."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from whenabouts.benchmarks.features import Float
from whenabouts.files.cache import cache_folder
from whenabouts.files.storage import storing

__all__ = ["Packed"]

SHARE = 0.5  # of the memory that is free when reading begins
SEGMENT = 1 << 28  # numbers in one file: 1 GiB


class Packed(Mapping[str, Float]):
    """Rows (L, D) by name, read on first access and kept: the same array however often it is asked for.

    source: whose arrays are kept; those that stay on the disk as they are (`StoredRows`) do so here
    memory: bytes that may be kept in memory; None is half of what is free
    folder: where files are that hold the rest; None is that of the cache. They have no name, and are gone with the
            process.

    Raises as the source does.
    """

    def __init__(self, source: Mapping[str, Float], *, memory: int | None = None, folder: Path | None = None) -> None:
        self._source, self._folder = source, folder
        self._room = int(SHARE * _free_memory()) if memory is None else memory
        self._kept: dict[str, Float] = {}
        self._segment: Float = np.empty(0, np.float32)

    def __getitem__(self, name: str) -> Float:
        if name not in self._kept:
            rows = self._source[name]
            self._kept[name] = self._placed(rows) if isinstance(rows, np.ndarray) else rows
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)

    def __contains__(self, name: object) -> bool:
        return name in self._source

    def _placed(self, rows: Float) -> Float:
        if rows.nbytes <= self._room:
            self._room -= rows.nbytes
            return rows
        if self._segment.size < rows.size:
            self._segment = self._mapped(max(SEGMENT, rows.size))
        place, self._segment = self._segment[: rows.size].reshape(rows.shape), self._segment[rows.size :]
        place[:] = rows
        return place

    def _mapped(self, count: int) -> Float:
        folder = self._folder or cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with storing(folder), tempfile.TemporaryFile(dir=folder) as file:  # the map outlives it
            if hasattr(os, "posix_fallocate"):  # a page that finds no room later would end the process
                os.posix_fallocate(file.fileno(), 0, 4 * count)
            return np.asarray(np.memmap(file, np.float32, "w+", shape=(count,)))


def _free_memory() -> int:
    """Bytes that could be used without swapping; all there are where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        told = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
        return told["MemAvailable"] << 10
    except (OSError, ValueError, KeyError, IndexError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 1 << 32
