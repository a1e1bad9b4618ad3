"""The SHA-256 of a file is right, is remembered wherever the file goes, and forgotten when it changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from whenabouts.files import content
from whenabouts.files.cache import cache_folder, keeping
from whenabouts.files.content import BLOCK, BLOCKS, content_sha256
from whenabouts.files.kept import kept

LARGE = BLOCK * BLOCKS + 4 * BLOCK


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    return cache_folder() / "content"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(LARGE))
    return path


def whole(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Counted:
    """Counts the bytes that are hashed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files = 0
        digest = hashlib.file_digest

        def counted(*arguments: object) -> object:
            self.files += 1
            return digest(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(content.hashlib, "file_digest", counted)


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK * BLOCKS, BLOCK * BLOCKS + 1, LARGE])
def test_it_is_that_of_all_bytes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    assert content_sha256(path) == content_sha256(path) == whole(path)


def test_a_file_is_read_once_and_at_most_once_more_if_it_is_renamed(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, wanted = Counted(monkeypatch), whole(large)
    assert content_sha256(large) == content_sha256(large) == wanted
    assert counted.files == 1
    other = large.rename(large.with_name("other"))
    assert content_sha256(other) == content_sha256(other) == wanted
    assert counted.files <= 2  # the time of change is renewed on most file systems


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change")
def test_another_file_copied_over_it_with_the_same_size_and_time_is_noticed(large: Path) -> None:
    content_sha256(large)
    facts, held = large.stat(), large.read_bytes()
    other = bytearray(held)
    other[BLOCK + 10] ^= 1  # between the first block and the second
    large.write_bytes(other)
    os.utime(large, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert content_sha256(large) == whole(large)


@pytest.mark.parametrize("place", [0, BLOCK - 1, 7 * (LARGE - BLOCK) // 15 + 5, LARGE - 1])
def test_a_change_in_place_with_the_same_time_is_noticed_where_blocks_are(large: Path, place: int) -> None:
    content_sha256(large)
    facts = large.stat()
    with large.open("r+b") as file:
        file.seek(place)
        [byte] = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    os.utime(large, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert content_sha256(large) == whole(large)


def test_a_change_anywhere_is_noticed_by_its_time(large: Path) -> None:
    content_sha256(large)
    facts = large.stat()
    with large.open("r+b") as file:
        file.seek(BLOCK + 10)  # between the first block and the second
        file.write(os.urandom(100))
    os.utime(large, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    assert content_sha256(large) == whole(large)


@pytest.mark.parametrize("damage", [b"", b"0" * 63, b"Z" * 64, b"0" * 65, b"0" * 64 + b"\n" + b"0" * 64])
def test_a_damaged_memory_is_none(large: Path, cache: Path, damage: bytes) -> None:
    content_sha256(large)
    [known] = cache.iterdir()
    known.write_bytes(damage)
    assert content_sha256(large) == whole(large)
    assert kept(known) == whole(large).encode()


def test_nothing_is_kept_where_nothing_may_be(large: Path, cache: Path) -> None:
    with keeping(False), keeping(True):
        assert content_sha256(large) == whole(large)
    assert not cache.exists()


def test_a_folder_that_cannot_be_written_costs_only_the_speed(large: Path, cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    assert content_sha256(large) == whole(large)


def test_a_file_that_is_written_meanwhile_is_not_remembered(
    large: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.file_digest

    def slow(*arguments: object) -> object:
        os.utime(large, ns=(0, 0))
        return digest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(content.hashlib, "file_digest", slow)
    content_sha256(large)
    assert not cache.exists()
