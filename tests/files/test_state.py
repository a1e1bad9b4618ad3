"""A file that was written over is another one, also where its size and its time stamp are those of before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from whenabouts.files.state import FileState


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no time of change")
def test_a_file_that_was_written_over_under_its_old_stamp_is_another(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    first = path.stat()
    state = FileState.of(first)
    assert FileState.of(path.stat()) == state
    while path.stat().st_ctime_ns == first.st_ctime_ns:  # the clock of a file system moves in steps
        path.write_bytes(b"after!")
        os.utime(path, ns=(first.st_atime_ns, first.st_mtime_ns))
    now = FileState.of(path.stat())
    assert now != state and (now.size, now.modified) == (state.size, state.modified)
