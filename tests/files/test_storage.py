"""An error of a disk is a sentence with what to do, whatever raised it; an input's error stays what it is."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from disks import small_disk

from whenabouts.errors import StorageError, WhenaboutsError
from whenabouts.files.atomic import replacing
from whenabouts.files.storage import storage_error, storing


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; free some space"),
        (
            OSError("Can't write data (file write failed: errno = 28, error message = 'No space left on device')"),
            "full",
        ),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "the disk is full"),
        (OSError("1024 requested and 960 written"), "the disk is full"),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/else/where"), "the disk is read-only; name another folder"),
        (OSError(errno.ESTALE, "Stale file handle"), "network folder is gone; connect it again"),
        (OSError(errno.ENOTCONN, "Transport endpoint is not connected"), "network folder is gone"),
        (OSError(errno.EIO, "Input/output error"), "the disk reports an error"),
        (PermissionError(errno.EACCES, "Permission denied", "/there/out.json"), "there is no permission"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/there/.1-part"), "its folder does not exist; make it"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "/there/out.json"), "the name is too long"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/there"), "is a file, not a folder"),
    ],
)
def test_a_writer_that_fails_says_what_to_do(error: Exception, reason: str) -> None:
    with (
        pytest.raises(StorageError, match=f"^/there/out.json cannot be written: .*{reason}"),
        storing(Path("/there/out.json")),
    ):
        raise error


def test_an_error_raised_over_that_of_the_disk_does_not_hide_it() -> None:
    with pytest.raises(StorageError, match="the disk is full") as raised, storing(Path("/there/out.pt")):
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            raise RuntimeError("unexpected pos 576 vs 470")
    assert raised.value.errno == errno.ENOSPC and isinstance(raised.value, WhenaboutsError)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/inputs/a.mp4"),
        PermissionError(errno.EACCES, "Permission denied", "/inputs/a.mp4"),
        ValueError("a mistake of ours"),
        OSError(errno.EINVAL, "Invalid argument"),
    ],
)
def test_what_is_no_fault_of_the_output_is_not_called_one(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, storing(Path("/there/out.json")):
        raise error
    assert raised.value is error


def test_of_a_file_that_nobody_writes_the_name_is_that_of_the_error() -> None:
    told = storage_error(PermissionError(errno.EACCES, "Permission denied", "/inputs/a.mp4"))
    assert str(told).startswith("/inputs/a.mp4 cannot be used: there is no permission")
    assert str(storage_error(OSError(errno.ENOSPC, ""))).startswith("the output cannot be written: the disk is full")


def test_on_a_full_disk_the_old_file_stays_and_nothing_else(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        (disk / "page.html").write_text("old")
        with (
            pytest.raises(StorageError, match=r"page\.html cannot be written: the disk is full"),
            replacing(disk / "page.html") as part,
        ):
            part.write_bytes(b"x" * 200_000)
        assert (disk / "page.html").read_text() == "old"
        assert [path.name for path in disk.iterdir()] == ["page.html"]


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k", "ro") as disk:
        with pytest.raises(StorageError, match="the disk is read-only"), replacing(disk / "a") as part:
            part.write_bytes(b"x")
        with pytest.raises(StorageError, match="the disk is read-only"), replacing(disk / "b" / "a", folders=True):
            pass
