"""A file that changed since it was sealed is noticed, and so is a seal that is not one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whenabouts.files.sealed import is_sealed, seal


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "vectors.npy"
    file.write_bytes(os.urandom(3 << 20))
    seal(file)
    return file


def test_what_was_not_changed_is_sealed_wherever_its_folder_goes(path: Path) -> None:
    assert is_sealed(path)
    moved = path.parent.rename(path.parent.with_name("elsewhere"))
    assert is_sealed(moved / path.name)


@pytest.mark.parametrize("place", [0, 100_000, (3 << 20) - 1])
def test_one_byte_breaks_it(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        [byte] = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    assert not is_sealed(path)


@pytest.mark.parametrize("text", [None, b"", b"\xff", b"0" * 64])
def test_without_its_seal_a_file_is_not_sealed(path: Path, text: bytes | None) -> None:
    beside = path.with_name("vectors.npy.sha256")
    if text is None:
        beside.unlink()
    else:
        beside.write_bytes(text)
    assert not is_sealed(path)
