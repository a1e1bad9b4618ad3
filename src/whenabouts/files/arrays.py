"""Arrays out of files that strangers wrote: kind, shape and size are checked before memory is taken for them.

A header of a hundred bytes may promise petabytes, an archive of a megabyte may unpack to gigabytes, and a type of
values may be one that runs code, or that no program makes features of. All are refused in a sentence that names the
file; nothing is unpickled.
"""

from __future__ import annotations

import io
import math
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from whenabouts.errors import InputError

__all__ = [
    "NUMBERS",
    "WORDS",
    "Archive",
    "Header",
    "check_kind",
    "check_size",
    "open_file",
    "read_array",
    "read_header",
]

NUMBERS, WORDS = "fiu", "U"  # kinds of dtypes
MAX_BYTES = 2 * 2**30  # of one array in memory: a day of video, a row a second, takes 1.4 GB at 4096 numbers a row
UNPACKED = 64 * 2**20  # bytes to which any archive may unpack, ...
EXPANSION = 20  # ... and how many times its packed size what is larger may be; features shrink to a half
ZIPPED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what NumPy writes


class Header(NamedTuple):
    """What an array in NumPy's format begins with.

    by_column: whether the first axis runs fastest, as in Fortran
    offset:    of the values, in bytes
    """

    shape: tuple[int, ...]
    by_column: bool
    dtype: np.dtype[Any]
    offset: int

    @property
    def bytes(self) -> int:
        """Of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


@contextmanager
def open_file(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """A regular file and its size in bytes. Raises InputError for what is none, as a pipe or a link to nothing is."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path} is not a regular file")
        file = path.open("rb")
    except FileNotFoundError as error:
        why = "links to a file that does not exist" if path.is_symlink() else "does not exist"
        raise InputError(f"{path} {why}") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    with file:
        yield file, found.st_size


def read_header(file: IO[bytes], size: int, where: Path | str, kinds: str = NUMBERS) -> Header:
    """The header of an array that takes `size` bytes with it. Raises InputError."""
    try:
        version = npy.read_magic(file)
        shape, by_column, dtype = (
            npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)
        )
        header = Header(shape, by_column, dtype, file.tell())
    except Exception as error:  # a damaged file ends in errors of any kind
        raise unreadable(where) from error
    check_kind(dtype, where, kinds)
    if min(shape, default=0) < 0 or header.bytes > size - header.offset:
        raise InputError(
            f"{where} is cut short or damaged: its header promises values of shape {_short(shape)}, {dtype}, and the "
            f"file holds {max(0, size - header.offset)} bytes of them; copy it anew"
        )
    _check_holes(file, header.bytes, where)
    return header


def read_array(file: IO[bytes], size: int, where: Path | str, kinds: str = NUMBERS) -> NDArray[Any]:
    """The array of a `.npy` file, or of what is in its format and takes `size` bytes; read-only. Raises InputError."""
    header = read_header(file, size, where, kinds)
    check_size(header.bytes, size, where)
    try:
        values = np.frombuffer(file.read(header.bytes), header.dtype)
        if header.by_column:
            return values.reshape(header.shape[::-1]).T
        return values.reshape(header.shape)
    except Exception as error:
        raise unreadable(where) from error


class Archive:
    """A `.npz` file: its arrays by name, each checked when it is read. Raises InputError."""

    def __init__(self, file: IO[bytes], where: Path | str) -> None:
        self.where = where
        try:
            self._zip = zipfile.ZipFile(file)
        except Exception as error:
            raise unreadable(where) from error
        self._members = {one.filename.removesuffix(".npy"): one for one in self._zip.infolist()}
        if len(self._members) != len(self._zip.infolist()):
            raise InputError(f"{where} has two arrays of one name; write it anew")
        try:
            file.seek(0, 2)
            self._size = file.tell()
        except Exception as error:
            raise unreadable(where) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Of the arrays, in their order."""
        return tuple(self._members)

    def read(self, name: str, kinds: str = NUMBERS) -> NDArray[Any]:
        """An array by name."""
        member, where = self._members[name], f"{self.where}, array {_short(name)},"
        if member.flag_bits & 1:
            raise InputError(f"{where} is encrypted; write it without a password")
        if member.compress_type not in ZIPPED:
            raise InputError(f"{where} is compressed in a way that NumPy does not write; write it with numpy.savez")
        check_size(member.file_size, min(member.compress_size, self._size), where)
        try:
            with self._zip.open(member) as file:
                return read_array(file, member.file_size, where, kinds)
        except InputError:
            raise
        except Exception as error:
            raise unreadable(self.where) from error


def check_kind(dtype: np.dtype[Any], where: Path | str, kinds: str = NUMBERS) -> None:
    """Raises InputError where values are not plain numbers (or not words, for `WORDS`) of at most eight bytes."""
    if dtype.hasobject:
        raise InputError(f"{where} is not an npz or npy file that can be read without unpickling; write plain numbers")
    if dtype.kind not in kinds or (kinds == NUMBERS and dtype.itemsize > 8):
        wanted = "text" if kinds == WORDS else "float16, float32 or float64"
        raise InputError(f"{where} holds values of the type {_short(dtype)}; write them as {wanted}")


def check_size(unpacked: int, packed: int, where: Path | str) -> None:
    """Raises InputError for what would take more memory than its bytes in the file justify."""
    if unpacked > max(UNPACKED, EXPANSION * packed):
        raise InputError(
            f"{where} would unpack to {unpacked >> 20} MiB from {packed / 2**20:.3g} MiB, as no features do; "
            "write it without compression if it is right"
        )
    if unpacked > MAX_BYTES:
        raise InputError(f"{where} holds {unpacked >> 20} MiB, and at most {MAX_BYTES >> 20} are read; write a part")


def _check_holes(file: IO[bytes], wanted: int, where: Path | str) -> None:
    """Raises InputError for a large file of which hardly anything lies on the disk: it would fill the memory."""
    if not isinstance(file, io.BufferedReader) or wanted <= UNPACKED:
        return
    stored = getattr(os.fstat(file.fileno()), "st_blocks", 0) * 512  # some systems do not say, and give 0
    if 0 < stored < wanted / EXPANSION:
        raise InputError(
            f"{where} holds {wanted >> 20} MiB, of which {stored / 2**20:.3g} MiB lie on the disk and the rest is "
            "empty, as of no features; write it anew"
        )


def unreadable(where: Path | str) -> InputError:
    """Of bytes that are in no format of NumPy."""
    return InputError(f"{where} is not an npz or npy file that can be read without unpickling; write it anew")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
