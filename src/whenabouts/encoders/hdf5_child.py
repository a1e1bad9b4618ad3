"""The process that reads an HDF5 file for `encoders.hdf5`: a line of JSON comes, a line and perhaps values go.

    {}               -> {"names": [...]}
    {"name": "v1"}   -> {"dtype": "<f4", "shape": [75, 512]}, and then the values, row by row
    what cannot be read -> {"refused": "why, in a sentence"}

Only data sets that lie whole in the file are read, with the filters that HDF5 has built in.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from whenabouts.errors import InputError
from whenabouts.files.arrays import check_kind, check_size

PATIENCE = 60  # seconds of CPU for one request
MEMORY = 6 * 2**30  # bytes of addresses: an array of the largest size that is read, and what HDF5 makes of it
FILTERS = {1, 2, 3, 4, 5, 6, 32000}  # deflate, shuffle, fletcher32, szip, nbit, scaleoffset, and h5py's lzf
FAULTS = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError)


@contextmanager
def patience() -> Iterator[None]:
    """The process is ended where the block takes too much CPU; on Windows there is no such limit."""
    if sys.platform == "win32":
        yield
        return
    import signal

    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def limit_memory() -> None:
    """Of this process; not on Windows."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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


def values_of(file: h5py.File, name: str, path: Path) -> np.ndarray[Any, Any]:
    """The values of a data set, row by row. Raises InputError."""
    found, where = open_dataset(file, name, path)
    if found.shape is None:
        raise InputError(f"{where} is empty; write its features anew")
    check_kind(found.dtype, where)
    stored = min(found.id.get_storage_size(), path.stat().st_size)
    check_size(math.prod(found.shape) * found.dtype.itemsize, stored, where)
    if found.chunks:  # HDF5 unpacks whole ones
        check_size(math.prod(found.chunks) * found.dtype.itemsize, stored, where)
    return np.ascontiguousarray(found[()])


def main(path: Path) -> None:
    """Answer requests until there are no more."""
    limit_memory()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    file: h5py.File | None = None
    for line in sys.stdin.buffer:
        request, values = json.loads(line), None
        try:
            with patience():
                file = file or h5py.File(path, "r")
                if "name" in request:
                    values = values_of(file, request["name"], path)
                    told: dict[str, Any] = {"dtype": values.dtype.str, "shape": values.shape}
                else:
                    told = {"names": list(file)}
        except InputError as error:
            told = {"refused": str(error)}
        except FAULTS:
            what = f"{request['name']!r} in {path}" if "name" in request else path
            kind = "a data set" if "name" in request else "an HDF5 file"
            told = {"refused": f"{what} is not {kind} that can be read; copy it anew"}
        out.write(json.dumps(told).encode() + b"\n")
        if values is not None and values.size:
            out.write(values.reshape(-1).view(np.uint8).data)
        out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
