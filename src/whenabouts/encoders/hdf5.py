"""Features out of an HDF5 file, which is read in a process of its own.

The library of HDF5 ends the process on some damaged files, loops for ever on others, follows links to other files and
loads filters from the system. `hdf5_child` reads, within limits; here its death is one sentence about the file.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.arrays import open_file

__all__ = ["HDF5"]


class HDF5:
    """The data sets of a file: `names`, and the rows of each. Raises InputError, MissingExtra."""

    def __init__(self, path: Path) -> None:
        if importlib.util.find_spec("h5py") is None:
            raise MissingExtra("train", "reading an HDF5 file of features")
        self.path = path
        self._child: _Child | None = None
        with open_file(path):
            self.names: list[str] = self._ask({})["names"]

    def read(self, name: str) -> NDArray[Any]:
        """The data set of a name; threads and processes that share this wait for one another."""
        values: NDArray[Any] = self._ask({"name": name})["values"]
        return values

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        child = self._child
        if child is None or child.owner != os.getpid():  # a fork shares its pipes with who made it
            child = self._child = _Child(self.path)
        try:
            told = child.ask(request)
        except InputError:
            self._child = None
            raise
        if refusal := told.get("refused"):
            raise InputError(refusal)
        return told


class _Child:
    def __init__(self, path: Path) -> None:
        self.path, self.owner = path, os.getpid()
        command = [sys.executable, "-m", "whenabouts.encoders.hdf5_child", str(path)]
        self.process = subprocess.Popen(  # noqa: S603  our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.lock = threading.Lock()
        self._end = weakref.finalize(self, _end, self.process, self.owner)

    def ask(self, request: dict[str, str]) -> dict[str, Any]:
        """What the child says to a request, with the values that follow. Raises InputError where it ends instead."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            with self.lock:
                self.process.stdin.write(json.dumps(request).encode() + b"\n")
                self.process.stdin.flush()
                told: dict[str, Any] = json.loads(self.process.stdout.readline())
                if "shape" in told:
                    told["values"] = self._values(np.dtype(told["dtype"]), tuple(told["shape"]))
        except (OSError, ValueError, EOFError) as error:
            raise self._ended() from error
        return told

    def _values(self, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        assert self.process.stdout is not None
        values = np.empty(shape, dtype)
        data = values.reshape(-1).view(np.uint8).data
        if values.size and self.process.stdout.readinto(data) != len(data):  # type: ignore[attr-defined]
            raise EOFError
        return values

    def _ended(self) -> InputError:
        self._end()
        return InputError(
            f"{self.path} is damaged: HDF5 broke down, hung or ran out of memory while reading it; copy it anew"
        )


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if owner == os.getpid():
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still to be written
                    pipe.close()
