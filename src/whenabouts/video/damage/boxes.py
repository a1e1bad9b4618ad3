"""The boxes at the top of an MP4 and its kin (ISO/IEC 14496-12), and where those of another recording begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

__all__ = ["Box", "boxes_of", "end_of_boxes", "fragments_of"]

MOST_BOXES = 100_000  # that are looked at
LARGEST_INDEX = 1 << 26  # bytes of an index that is compared
NAME = re.compile(rb"[ -~\xa9]{4}")
TIME = re.compile(rb"tfdt(?:\0.{3}(.{4})|\x01.{3}(.{8}))", re.DOTALL)  # when a fragment is decoded, in 32 or 64 bits


class Box(NamedTuple):
    """The name of a box, and the bytes from `begin` to `end` that it states; these may lie beyond the file."""

    name: bytes
    begin: int
    end: int


def boxes_of(file: BinaryIO, size: int) -> Iterator[Box]:
    """Every box at the top of a file of `size` bytes."""
    at = 0
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:16])
        if not NAME.match(head, 4) or length < 8:  # the end, or to the end, or no box
            return
        yield Box(head[4:8], at, at + length)
        at += length
        if at >= size:
            return


def end_of_boxes(file: BinaryIO, size: int) -> int | None:
    """Where the boxes of a recording end: at the head of another one, at what is no box, or with the file.

    Segments of a stream may be joined with the header of each: they are one recording as long as their index is the
    same and time goes on.
    """
    first: _Header | None = None
    for header in _headers(file, size):
        if first is not None and not (first.fragments and header.goes_on_from(first)):
            return header.begin
        first = first or header
    return min(size, max((box.end for box in boxes_of(file, size)), default=size))


def fragments_of(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Where each fragment begins, and the number that its header states: they count on, or one is missing."""
    found = []
    for box in boxes_of(file, size):
        if box.name == b"moof":
            file.seek(box.begin + 8)
            head = file.read(16)  # of the box that states the number, the first one inside
            if head[4:8] == b"mfhd":
                found.append((box.begin, int.from_bytes(head[12:])))
    return found


class _Header(NamedTuple):
    """A header that has an index: where it begins, the bytes of the index, and whether fragments follow it.

    time: when the first of these is decoded, in ticks, None where none says
    """

    begin: int
    moov: bytes
    fragments: bool
    time: int | None

    def goes_on_from(self, first: _Header) -> bool:
        later = None in (self.time, first.time) or (self.time or 0) > (first.time or 0)
        return self.moov == first.moov and later


def _headers(file: BinaryIO, size: int) -> Iterator[_Header]:
    begin, index, fragment = None, b"", b""

    def header() -> Iterator[_Header]:
        if begin is not None and index:
            found = TIME.search(fragment)
            yield _Header(begin, index, bool(fragment), int.from_bytes(found[1] or found[2]) if found else None)

    for box in boxes_of(file, size):
        if box.name == b"ftyp":
            yield from header()
            begin, index, fragment = box.begin, b"", b""
        elif box.name == b"moov" and not index:
            index = _contents(file, box)
        elif box.name == b"moof" and not fragment:
            fragment = _contents(file, box)
    yield from header()


def _contents(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.begin)
    return file.read(min(box.end - box.begin, LARGEST_INDEX))
