"""Outputs that are inputs, by whatever name."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.files.outputs import check_outputs


def test_a_file_by_another_name_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = tmp_path / "read.txt"
    read.write_text("x")
    (tmp_path / "link").symlink_to(read)
    (tmp_path / "hard").hardlink_to(read)
    monkeypatch.chdir(tmp_path)
    for out in (read, tmp_path / "link", tmp_path / "hard", Path("read.txt"), tmp_path / "a" / ".." / "read.txt"):
        (tmp_path / "a").mkdir(exist_ok=True)
        with pytest.raises(InputError, match="is a file that is read here"):
            check_outputs([None, out], [None, read])
    check_outputs([tmp_path / "new.txt", None], [read, tmp_path / "gone.txt"])


def test_two_outputs_are_two_files_also_before_they_are_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="written twice"):
        check_outputs([tmp_path / "new", tmp_path / "x" / ".." / "new"], [])


def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file" / "a.zip", tmp_path / "file" / "b" / "a.zip", tmp_path, Path("/proc/nowhere/a.zip")):
        with pytest.raises(InputError, match="cannot be written"):
            check_outputs([out], [])
    with pytest.raises(InputError, match="cannot be written"):
        check_outputs([], [], folders=[None, tmp_path / "file"])
    with pytest.raises(InputError, match="the name is too long; choose a shorter one"):
        check_outputs([tmp_path / ("a" * 300)], [])
    check_outputs([tmp_path / "new" / "folder" / "a.zip"], [], folders=[tmp_path / "clips"])
    assert [each.name for each in tmp_path.iterdir()] == ["file"], "nothing is made to find out"
