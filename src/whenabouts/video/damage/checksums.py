"""The checksums of the clusters of a Matroska file: bytes changed inside a picture, whatever the decoder makes of them.

FFmpeg writes them and looks at none. Each cluster that is read is checked once, at more than a gigabyte a second.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from whenabouts.files.state import FileState
from whenabouts.video.damage.ebml import ebml

__all__ = ["Checksums"]

MOST_ELEMENTS = 1_000_000  # of a segment that are looked at
BLOCK = 1 << 20
SEGMENT, CLUSTER, CRC_32 = 0x18538067, 0x1F43B675, b"\xbf\x84"  # as elements begin
CRC_BYTES = 6  # of the element that begins a cluster: name, size and four bytes


class _Cluster(NamedTuple):
    """The bytes from `begin` to `end` of a cluster that follow its checksum, which is of them."""

    begin: int
    end: int
    stated: int


class Checksums:
    """Which packets of a file lie in clusters whose bytes are not those that were written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clusters: tuple[_Cluster, ...] | None = None
        self._at = -1
        self._broken = False

    def broken(self, position: int) -> bool:
        """Whether the packet at this byte lies in such a cluster; False where nothing can be said."""
        if self._clusters is None:
            self._clusters = _clusters(self._path)
        at = bisect_right(self._clusters, position, key=lambda cluster: cluster.begin) - 1
        if at != self._at:
            self._at = at
            self._broken = at >= 0 and position < self._clusters[at].end and not self._holds(self._clusters[at])
        return self._broken

    def _holds(self, cluster: _Cluster) -> bool:
        checksum, left = 0, cluster.end - cluster.begin
        try:
            with self._path.open("rb") as file:
                file.seek(cluster.begin)
                while left > 0 and (block := file.read(min(left, BLOCK))):
                    checksum, left = zlib.crc32(block, checksum), left - len(block)
        except OSError:
            return True  # nothing is known of it
        return left > 0 or checksum == cluster.stated


def _clusters(path: Path) -> tuple[_Cluster, ...]:
    try:
        return _remembered(path, FileState.of(path.stat()))
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _remembered(path: Path, _state: FileState) -> tuple[_Cluster, ...]:
    """The clusters that have a checksum, up to the first without one."""
    found = list[_Cluster]()
    with path.open("rb") as file:
        at = _inside_segment(file)
        for _ in range(MOST_ELEMENTS if at else 0):
            file.seek(at)
            head = file.read(24)
            name, size, inside = ebml(head)
            if not name:
                break
            if name == CLUSTER:
                crc = head[inside : inside + CRC_BYTES]
                if len(crc) < CRC_BYTES or crc[:2] != CRC_32:
                    break
                begin, end = at + inside + CRC_BYTES, at + inside + size
                found.append(_Cluster(begin, end, int.from_bytes(crc[2:], "little")))
            at += inside + size
    return tuple(found)


def _inside_segment(file: BinaryIO) -> int:
    """Where the contents of the segment begin; 0 for what is not Matroska."""
    _, size, inside = ebml(file.read(12))
    at = inside + size
    file.seek(at)
    name, _, inside = ebml(file.read(12))
    return at + inside if name == SEGMENT else 0
