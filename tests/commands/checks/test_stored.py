"""The cache, what killed runs left, and libraries: what `doctor` tells, and what `--repair` does."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from whenabouts.commands.check import Check
from whenabouts.commands.checks.stored import cache, leftovers, libraries
from whenabouts.files.kept import keep, keep_rows
from whenabouts.files.sealed import seal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def fill(folder: Path) -> list[Path]:
    """One file of each kind that the cache holds."""
    (folder / "a.json").write_text(json.dumps({"a": 1}))  # of an older version
    keep(folder / "e.json", b'{"a": 1}')
    keep_rows(folder / "f.npy", np.ones((20, 4), np.float16))
    np.save(folder / "b.npy", np.arange(100))
    seal(folder / "b.npy")
    np.savez(folder / "c.npz", x=np.arange(100))
    with closing(sqlite3.connect(folder / "d.sqlite")) as store, store:
        store.execute("CREATE TABLE t (x)")
        store.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 100)
    return [folder / name for name in ("a.json", "b.npy", "c.npz", "d.sqlite", "e.json", "f.npy")]


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_a_whole_cache_is_measured_and_left_alone(folder: Path) -> None:
    fill(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found = list(cache(read=True, repair=True))
    assert [check.state for check in found] == ["ok", "ok"] and "MB used" in found[0].told
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["a.json", "b.npy", "c.npz", "d.sqlite", "e.json", "f.npy"])
@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_damaged_file_is_told_and_removed_alone(name: str, damage: str, folder: Path) -> None:
    files = fill(folder)
    content = (folder / name).read_bytes()
    middle = len(content) // 2
    (folder / name).write_bytes(content[:middle] if damage == "cut" else content[: middle - 5] + b"\xff\x00" * 400)
    told = named(list(cache(read=True, repair=False)), "cached files")
    assert told.state == "doubtful" and name in told.told and "--repair" in told.told and (folder / name).exists()
    assert named(list(cache(read=False, repair=True)), "cached files").facts["removed"] == [str(folder / name)]
    assert [path for path in files if not path.exists()] == [folder / name]
    assert named(list(cache(read=True, repair=False)), "cached files").state == "ok"


def test_a_cache_that_cannot_be_written_is_broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("WHENABOUTS_CACHE", str(folder / "file" / "inside"))
    [check] = cache(read=False, repair=False)
    assert check.state == "broken" and "WHENABOUTS_CACHE" in check.told


def test_parts_of_dead_processes_go_and_those_of_living_ones_stay(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    gone, lives = folder / f".{dead.pid}-0a1b2c3d.part", folder / f".{os.getpid()}-0a1b2c3d.part"
    fresh, other = folder / f".{dead.pid}-ffffffff.part", folder / ".of-somebody.part"
    temporary, new = folder.parent / "whenabouts-abc", folder.parent / "whenabouts-new"
    for path in (gone, lives, fresh, other):
        path.write_bytes(b"x" * 1000)
    for path in (temporary, new):
        path.mkdir()
        (path / "model.bin").write_bytes(b"x" * 1000)
    for path, hours in ((gone, 1), (lives, 1), (other, 100), (temporary, 48)):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600 * hours))
    assert leftovers(repair=False).state == "doubtful"
    assert sorted(leftovers(repair=True).facts["removed"]) == sorted(map(str, (gone, temporary)))
    assert lives.exists() and fresh.exists() and other.exists() and new.exists() and not temporary.exists()


def test_a_library_with_rows_of_no_video_is_put_right(tmp_path: Path) -> None:
    pytest.importorskip("lancedb", reason="the extra library is not installed")
    import pyarrow as pa

    from whenabouts.encoders.builtin import BuiltinEncoder
    from whenabouts.library.schema import lines_table
    from whenabouts.library.store import Library

    place, encoder = tmp_path / "library", BuiltinEncoder()
    library = Library(place, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)
    assert [check.state for check in libraries([place], repair=False)] == ["ok"]
    lines = lines_table([])
    row = pa.Table.from_pylist(
        [{"sha256": "0" * 64, "start": 0.0, "end": 1.0, "kind": "said", "text": "hello"}],
        schema=library.table("lines").schema,
    )
    library.table("lines").add(row)
    assert not len(lines)
    [check] = libraries([place], repair=False)
    assert check.state == "broken" and "the table lines has 1 rows, its videos have 0" in check.told
    [check] = libraries([place], repair=True)
    assert check.state == "ok" and check.told.startswith("repaired")
    assert [check.state for check in libraries([place], repair=False)] == ["ok"]
    [check] = libraries([tmp_path], repair=True)
    assert check.state == "broken" and "is not a library" in check.told


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two videos with all indices."""
    pytest.importorskip("lancedb", reason="the extra library is not installed")
    from whenabouts.encoders.builtin import BuiltinEncoder
    from whenabouts.evidence import TimedText
    from whenabouts.library.schema import lines_table, shots_table
    from whenabouts.library.store import Library

    place, encoder = tmp_path_factory.mktemp("whole") / "library", BuiltinEncoder()
    library = Library(place, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)
    for sha256 in ("a" * 64, "b" * 64):
        shots = shots_table([(0.0, 2.0), (2.0, 3.0)], np.eye(encoder.dim, dtype=np.float32)[:2])
        lines = lines_table([TimedText(0.0, 1.0, "hello", "said", "track")])
        library.add(sha256, shots, lines, duration=3.0, language="eng")
    library.index()
    return place


def garble(path: Path) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[: middle - 20] + b"\xff" * 40 + content[middle + 20 :])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [garble, cut])
@pytest.mark.parametrize(
    ("table", "part"),
    [("videos", "data"), ("places", "data"), ("lines", "data"), ("shots", "_indices"), ("lines", "_indices")],
)
def test_a_library_that_was_damaged_is_put_right(
    table: str, part: str, damage: Callable[[Path], None], whole: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(whole, tmp_path / "library")
    files = [path for path in (place / "tables" / f"{table}.lance" / part).rglob("*") if path.is_file()]
    newest = sorted(files, key=lambda path: path.stat().st_mtime)
    for path in files if part == "_indices" else newest[-1:]:
        damage(path)
    if files:  # a table without rows has no data
        assert [check.state for check in libraries([place], repair=False)] == ["broken"]
        assert [check.state for check in libraries([place], repair=True)] == ["ok"]
    assert [check.state for check in libraries([place], repair=False)] == ["ok"]


@pytest.mark.parametrize("damage", [garble, cut])
def test_of_a_library_that_cannot_be_opened_is_said_what_to_do(
    damage: Callable[[Path], None], whole: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(whole, tmp_path / "library")
    for path in (place / "tables" / "videos.lance" / "_versions").glob("*.manifest"):
        damage(path)
    [check] = libraries([place], repair=True)
    assert check.state == "broken" and ".rs:" not in check.told
    assert check.told.endswith(f"; move {place} away and make it again: whenabouts index DIR")
