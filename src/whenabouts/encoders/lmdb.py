"""Values by name out of an LMDB, read without mapping it into memory and without its library.

The library trusts every number in the file: one that is cut short ends the process with SIGBUS, one that is damaged
with a segmentation fault. Here every offset is checked against the file. A database is a tree of pages; its leaves hold
names and values, or the number of the pages where a large value is. Source: `mdb.c` of LMDB 0.9, data version 1, with
64-bit pages; of the main database, without duplicate values.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from whenabouts.errors import InputError
from whenabouts.files.arrays import open_file

__all__ = ["LMDB"]

META = struct.Struct("<II16xIHH40xIHH24xQQQQ")  # magic, version; of the free and the main database; last page, writing
PAGE = struct.Struct("<Q2xHHH")  # number, flags, end of the table of nodes, begin of the nodes
NODE = struct.Struct("<HHHH")  # low and high half of a size or page, flags, bytes of the key
MAGIC, VERSION = 0xBEEFC0DE, 1
BRANCH, LEAF, OVERFLOW, FLAT = 1, 2, 4, 0x20  # pages; flat ones hold duplicates
BIG, SPECIAL = 1, 2 | 4  # nodes: the value is in pages of its own; it is a database, or has duplicates
DUPLICATES = 4  # of a database
NOWHERE = 2**64 - 1  # the root of an empty tree
PAGE_SIZES = {256 << k for k in range(9)}


class _Value(NamedTuple):
    """Where a value is, in bytes, and the number of its first page where it has pages of its own."""

    offset: int
    size: int
    page: int | None = None


class LMDB:
    """The values of `data.mdb` in a folder: `names` in order, and the bytes of each.

    Raises InputError, also for a file that is cut short.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data.mdb"
        with open_file(self.path) as (file, size):
            self._values = dict(_Tree(file, size, self.path).values())

    @property
    def names(self) -> list[str]:
        """Of all values."""
        return list(self._values)

    def read(self, name: str) -> bytes:
        """The value of a name."""
        value = self._values[name]
        with open_file(self.path) as (file, size):
            if value.page is not None:
                file.seek(value.offset - PAGE.size)
                own, kind, _, _ = PAGE.unpack(file.read(PAGE.size).ljust(PAGE.size))
                if own != value.page or not kind & OVERFLOW:
                    raise _damaged(self.path)
            if value.offset + value.size > size:
                raise _damaged(self.path)
            file.seek(value.offset)
            return file.read(value.size)


class _Tree:
    def __init__(self, file: IO[bytes], size: int, path: Path) -> None:
        self.file, self.size, self.path = file, size, path
        self.page_size = 0
        first = self._meta(0)
        if self.page_size not in PAGE_SIZES:
            raise _damaged(path)
        # a writer changes the two by turns: the later one that is whole counts
        flags, self.root, last, _ = max(first, self._meta(self.page_size), key=lambda meta: meta[3])
        if flags & DUPLICATES:
            raise InputError(f"{path} holds several values under one name; write an LMDB without duplicates")
        if (last + 1) * self.page_size > size:
            raise InputError(f"{path} is cut short: it has {size} of {(last + 1) * self.page_size} bytes; copy it anew")

    def _bytes(self, offset: int, count: int) -> bytes:
        if offset + count > self.size:
            raise _damaged(self.path)
        self.file.seek(offset)
        return self.file.read(count)

    def _meta(self, offset: int) -> tuple[int, int, int, int]:
        """Flags and root of the main database, the last page, and the number of the writing."""
        data = self._bytes(offset + PAGE.size, META.size)
        magic, version, pages, _, _, _, flags, _, _, root, last, number = META.unpack(data)
        if magic != MAGIC:
            raise InputError(f"{self.path} is not an LMDB, or is damaged; write it anew")
        if version != VERSION:
            raise InputError(f"{self.path} is of version {version} of LMDB's format; only {VERSION} is read")
        self.page_size = self.page_size or pages
        return flags, root, last, number

    def values(self) -> Iterator[tuple[str, _Value]]:
        """Names with where their values are, in the order of the names."""
        waiting, seen = [self.root] if self.root != NOWHERE else [], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen:
                raise _damaged(self.path)
            seen.add(number)
            page = self._bytes(number * self.page_size, self.page_size)
            own, flags, lower, upper = PAGE.unpack_from(page)
            if own != number or flags & FLAT or not PAGE.size <= lower <= upper <= self.page_size:
                raise _damaged(self.path)
            nodes = struct.unpack_from(f"<{(lower - PAGE.size) // 2}H", page, PAGE.size)
            if flags & BRANCH:
                waiting += [self._child(page, at) for at in reversed(nodes)]
            elif flags & LEAF:
                yield from (self._value(page, number, at) for at in nodes)
            else:
                raise _damaged(self.path)

    def _node(self, page: bytes, at: int) -> tuple[int, int, int, int]:
        """Low and high half, flags, and where the value of a node begins in its page."""
        if not PAGE.size <= at <= self.page_size - NODE.size:
            raise _damaged(self.path)
        low, high, flags, key = NODE.unpack_from(page, at)
        begin = at + NODE.size + key
        if begin > self.page_size:
            raise _damaged(self.path)
        return low, high, flags, begin

    def _child(self, page: bytes, at: int) -> int:
        low, high, top, _ = self._node(page, at)
        return int(low | high << 16 | top << 32)

    def _value(self, page: bytes, number: int, at: int) -> tuple[str, _Value]:
        low, high, flags, begin = self._node(page, at)
        size = low | high << 16
        try:
            name = page[at + NODE.size : begin].decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{self.path} has a name that is not UTF-8 text; write it anew") from error
        if flags & SPECIAL:
            raise InputError(f"{self.path}, {name!r} is a database of its own; write one LMDB with a value per name")
        if not flags & BIG:
            if begin + size > self.page_size:
                raise _damaged(self.path)
            return name, _Value(number * self.page_size + begin, size)
        if begin + 8 > self.page_size:
            raise _damaged(self.path)
        [first] = struct.unpack_from("<Q", page, begin)
        offset = first * self.page_size + PAGE.size
        if offset + size > self.size:
            raise _damaged(self.path)
        return name, _Value(offset, size, first)


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged: pages of it lead to places that hold something else; copy it anew")
