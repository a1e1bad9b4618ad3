"""Pictures of files laid behind the header of a QuickTime movie, so that a demuxer reads them as one video.

Nothing is copied or encoded: the movie is a file only to its reader, which gets the header from memory and each picture
from where it lies. Boxes are those of the QuickTime File Format Specification.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from typing import BinaryIO

from whenabouts.isolation.pulse import beat

__all__ = ["Movie", "Picture", "movie_of"]

UPRIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
MDAT = 16  # bytes of the head of the box that holds the pictures


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture of `size` bytes: a file, or bytes in memory."""

    source: Path | bytes
    size: int


class Movie(io.RawIOBase):
    """A movie of `pictures`, all of one codec, to be read once and closed."""

    def __init__(self, header: bytes, pictures: Sequence[Picture]) -> None:
        self._parts = [Picture(header, len(header)), *pictures]
        self._starts = [0, *accumulate(part.size for part in self._parts)]
        self._at = self._furthest = 0
        self._open: tuple[int, BinaryIO] | None = None

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """The new position, or -1 for an impossible one, as FFmpeg expects."""
        to = offset + (0, self._at, self._starts[-1])[whence] if 0 <= whence <= 2 else -1
        if to < 0:
            return -1
        self._at = to
        return to

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; nothing at the end. A file that became shorter is filled with zeros."""
        end = self._starts[-1] if size < 0 else min(self._starts[-1], self._at + size)
        found = []
        while self._at < end:
            number = bisect_right(self._starts, self._at) - 1
            stop = min(end, self._starts[number + 1])
            found.append(self._of_part(number, self._at - self._starts[number], stop - self._at))
            self._at = stop
        if self._at > self._furthest:
            self._furthest = self._at
            beat()
        return b"".join(found)

    def close(self) -> None:
        """Close the file that was read last."""
        if self._open is not None:
            self._open[1].close()
            self._open = None
        super().close()

    def _of_part(self, number: int, start: int, length: int) -> bytes:
        source = self._parts[number].source
        if isinstance(source, bytes):
            return source[start : start + length]
        try:
            if self._open is None or self._open[0] != number:
                if self._open is not None:
                    self._open[1].close()
                self._open = number, source.open("rb")
            file = self._open[1]
            file.seek(start)
            return file.read(length).ljust(length, b"\0")
        except OSError:
            return bytes(length)


def movie_of(
    pictures: Sequence[Picture], codec: bytes, size: tuple[int, int], lasts: Sequence[int], ticks: int
) -> Movie:
    """A movie of encoded pictures.

    codec: its four letters in a movie, such as b"png "
    size:  width and height in pixels
    lasts: how long each picture is on show, in ticks, of which there are `ticks` a second
    """
    kind = _box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
    sizes = [picture.size for picture in pictures]
    length = len(kind) + len(_moov(0, sizes, codec, size, lasts, ticks)) + MDAT
    moov = _moov(length, sizes, codec, size, lasts, ticks)
    return Movie(kind + moov + struct.pack(">I4sQ", 1, b"mdat", MDAT + sum(sizes)), pictures)


def _box(name: bytes, *contents: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, contents)), name) + b"".join(contents)


def _full(name: bytes, *contents: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags), *contents)


def _moov(
    start: int, sizes: Sequence[int], codec: bytes, size: tuple[int, int], lasts: Sequence[int], ticks: int
) -> bytes:
    length = sum(lasts)
    rate_and_volume = struct.pack(">IH10x", 1 << 16, 1 << 8)
    header = _full(b"mvhd", struct.pack(">IIII", 0, 0, ticks, length), rate_and_volume, UPRIGHT, bytes(24), b"\0\0\0\2")
    track = _full(
        b"tkhd",
        struct.pack(">IIIII16x", 0, 0, 1, 0, length),
        UPRIGHT,
        *(struct.pack(">I", s << 16) for s in size),
        flags=3,
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIII4x", 0, 0, ticks, length)),
        _full(b"hdlr", b"mhlrvide", bytes(13)),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", b"\0\0\0\1", _full(b"url ", flags=1))),
            _table(start, sizes, codec, size, lasts),
        ),
    )
    return _box(b"moov", header, _box(b"trak", track, media))


def _table(start: int, sizes: Sequence[int], codec: bytes, size: tuple[int, int], lasts: Sequence[int]) -> bytes:
    """Where each picture lies, how large it is and how long it lasts."""
    count = len(sizes)
    entry = _box(codec, struct.pack(">6xH16xHHII4xH32xHh", 1, *size, 72 << 16, 72 << 16, 1, 24, -1))
    runs = [(len(list(run)), ticks) for ticks, run in groupby(lasts)]
    return _box(
        b"stbl",
        _full(b"stsd", b"\0\0\0\1", entry),
        _full(b"stts", struct.pack(">I", len(runs)), *(struct.pack(">II", *run) for run in runs)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(f">II{count}I", 0, count, *sizes)),
        _full(b"co64", struct.pack(f">I{count}Q", count, *_offsets(start, sizes))),
    )


def _offsets(start: int, sizes: Sequence[int]) -> list[int]:
    return [start, *(start + end for end in accumulate(sizes[:-1]))] if sizes else []
