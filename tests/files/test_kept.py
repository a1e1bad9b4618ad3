"""What is kept is given back as it was, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from damaged import mutants
from disks import largest_file

from whenabouts.files.kept import keep, keep_rows, kept, kept_rows, trouble


@pytest.fixture(autouse=True)
def untroubled() -> Iterator[None]:
    """Nothing is said of what other tests could not keep."""
    trouble()
    yield
    trouble()


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float16)
    keep_rows(tmp_path / "new" / "rows.npy", rows)
    again = kept_rows(tmp_path / "new" / "rows.npy")
    assert again is not None and again.dtype == np.float16 and np.array_equal(again, rows)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["rows.npy"] and trouble() is None


def test_damage_of_any_kind_leaves_nothing(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    keep_rows(mine, np.arange(60, dtype=np.float16).reshape(6, 10))
    keep_rows(other, np.ones((6, 10), np.float16))
    whole = mine.read_bytes()
    for damage, content in mutants(whole, other.read_bytes(), 400, seed=0):
        mine.write_bytes(content)
        assert kept(mine) is None and kept_rows(mine) is None, damage


def test_what_cannot_be_kept_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "text" / "a", b"content")
    assert trouble() == (
        f"nothing is kept for the next question: {tmp_path}/file/text cannot be written "
        "(a part of its path is a file, not a folder)"
    )
    assert trouble() is None
    with largest_file(100):
        keep(tmp_path / "a", b"x" * 1000)
    assert "it is larger than a file may be here" in str(trouble())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
