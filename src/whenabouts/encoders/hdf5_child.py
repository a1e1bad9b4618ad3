"""What a child process does with an HDF5 file for `encoders.hdf5`.

Only data sets that lie whole in the file are read, with the filters that HDF5 has built in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from whenabouts.errors import InputError
from whenabouts.files.arrays import check_kind, check_size

FILTERS = {1, 2, 3, 4, 5, 6, 32000}  # deflate, shuffle, fletcher32, szip, nbit, scaleoffset, and h5py's lzf
FAULTS = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError)


@contextmanager
def refusing(what: str, kind: str) -> Iterator[None]:
    """Whatever HDF5 raises in the block is an InputError."""
    try:
        yield
    except InputError:
        raise
    except FAULTS:
        raise InputError(f"{what} is not {kind} that can be read; copy it anew") from None


def opened(path: Path) -> h5py.File:
    """The file. Raises InputError."""
    with refusing(str(path), "an HDF5 file"):
        return h5py.File(path, "r")


def names_of(file: h5py.File) -> list[str]:
    """The names in a file. Raises InputError."""
    with refusing(file.filename, "an HDF5 file"):
        return list(file)


def open_dataset(file: h5py.File, name: str, path: Path) -> tuple[h5py.Dataset, str]:
    """A data set that is whole in its file, and what it is called in an error. Raises InputError."""
    where = f"{name!r} in {path}"
    link = file.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise InputError(f"{where} is a link to another file, {link.filename!r}, which is not followed; copy it here")
    if isinstance(link, h5py.SoftLink):
        raise InputError(f"{where} is a link to {link.path!r}; store the data set itself")
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise InputError(f"{where} is a {type(found).__name__.lower()}, not a data set of rows")
    if found.is_virtual or found.external:
        raise InputError(f"the values of {where} are in other files, which are not read; copy them into this one")
    made = found.id.get_create_plist()
    filters = {made.get_filter(k)[0] for k in range(made.get_nfilters())}
    if foreign := filters - FILTERS:
        raise InputError(f"{where} is stored with the filter {min(foreign)}, which needs a plugin; write it with gzip")
    return found, where


def values_of(file: h5py.File, name: str) -> np.ndarray[Any, Any]:
    """The values of a data set, row by row. Raises InputError."""
    path = Path(file.filename)
    with refusing(f"{name!r} in {path}", "a data set"):
        return _values(file, name, path)


def _values(file: h5py.File, name: str, path: Path) -> np.ndarray[Any, Any]:
    found, where = open_dataset(file, name, path)
    if found.shape is None:
        raise InputError(f"{where} is empty; write its features anew")
    check_kind(found.dtype, where)
    stored = min(found.id.get_storage_size(), path.stat().st_size)
    check_size(math.prod(found.shape) * found.dtype.itemsize, stored, where)
    if found.chunks:  # HDF5 unpacks whole ones
        check_size(math.prod(found.chunks) * found.dtype.itemsize, stored, where)
    return np.ascontiguousarray(found[()])
