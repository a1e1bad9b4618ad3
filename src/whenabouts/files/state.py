"""What tells whether a file is still the one that was read, without reading it."""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["FileState"]


class FileState(NamedTuple):
    """Another one means other bytes, perhaps. Times are nanoseconds; no program can set that of the last change."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, facts: os.stat_result) -> FileState:
        """That of a file by what `stat` tells."""
        return cls(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
