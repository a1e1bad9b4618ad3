"""Parts of dead processes are deleted, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from whenabouts.files.atomic import part_beside, replacing
from whenabouts.files.stale import OLD, RECENT, machine, sweep


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def left(folder: Path, name: str, age: float) -> Path:
    """A file that was written so many seconds ago."""
    path = folder / name
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_only_parts_of_the_dead_and_the_old_are_deleted(tmp_path: Path) -> None:
    dead = dead_process()
    stays = [
        left(tmp_path, f".{dead}-{machine()}-0123abcd.part", 0),  # a moment ago
        left(tmp_path, f".{os.getpid()}-{machine()}-0123abcd.part", 2 * RECENT),
        left(tmp_path, f".{dead}-ffffff-0123abcd.part", 2 * RECENT),  # of another machine
        left(tmp_path, f".{dead}-0123abcd.part", 2 * RECENT),  # of an earlier version, on any machine
        left(tmp_path, f"{dead}-{machine()}-0123abcd.part", 2 * OLD),  # a user's
        left(tmp_path, f".{dead}-{machine()}-0123abcd.partly", 2 * OLD),
    ]
    left(tmp_path, f".{dead}-{machine()}-4567abcd.part", 2 * RECENT)
    left(tmp_path, f".{dead}-ffffff-4567abcd.part", 2 * OLD)
    left(tmp_path, f".{dead}-4567abcd.part", 2 * OLD)
    folder = tmp_path / f".{dead}-{machine()}-89ababcd.part"
    folder.mkdir()
    left(folder, "0000.png", 0)
    os.utime(folder, (time.time() - 2 * RECENT,) * 2)
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(stays)


def test_a_writer_sweeps_its_folder_once(tmp_path: Path) -> None:
    dead = dead_process()
    left(tmp_path, f".{dead}-{machine()}-0123abcd.part", 2 * RECENT)
    for _ in range(2):
        with replacing(tmp_path / "a") as part:
            part.write_bytes(b"")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_a_killed_writer_leaves_is_known_as_its_own(tmp_path: Path) -> None:
    name = part_beside(tmp_path / "a").name.replace(str(os.getpid()), str(dead_process()), 1)
    part = left(tmp_path, name, 2 * RECENT)
    sweep(tmp_path)
    assert not part.exists()
