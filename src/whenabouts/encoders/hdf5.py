"""Features out of an HDF5 file, which is read in a child process.

The library of HDF5 ends the process on some damaged files, loops for ever on others, follows links to other files and
loads filters from the system. `hdf5_child` reads, within limits; here its death is one sentence about the file.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingExtra, ProcessEnded
from whenabouts.files.arrays import open_file
from whenabouts.isolation import GIB, ChildLimits, Children, Subject

__all__ = ["HDF5"]

CHILDREN = Children(ChildLimits(memory=4 * GIB, cpu=60.0))  # an array of the largest size, and what HDF5 makes of it
READER = "whenabouts.encoders.hdf5_child"


class HDF5:
    """The data sets of a file: `names`, and the rows of each. Raises InputError, MissingExtra."""

    def __init__(self, path: Path) -> None:
        if importlib.util.find_spec("h5py") is None:
            raise MissingExtra("train", "reading an HDF5 file of features")
        self.path = path
        self._subject: Subject | None = None
        with open_file(path):
            self.names: list[str] = self._ask("names_of")

    def read(self, name: str) -> NDArray[Any]:
        """The data set of a name; threads that share this wait for one another."""
        values: NDArray[Any] = self._ask("values_of", name)
        return values

    def _ask(self, function: str, *arguments: str) -> Any:
        subject = self._subject
        try:
            if subject is None or not subject.usable:  # none yet, it ended, or this process is a fork
                subject = self._subject = Subject(CHILDREN, f"{READER}:opened", self.path)
            return subject.call(f"{READER}:{function}", *arguments)
        except ProcessEnded as error:
            raise InputError(f"{self.path} is damaged: {error}; copy it anew") from error
