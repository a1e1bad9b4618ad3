"""A file is read once in a block, and again outside it."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from whenabouts.errors import AnnotationError
from whenabouts.files.reading import reading_once, without_collection
from whenabouts.files.records import Row, read_lines


def test_a_file_is_read_once_in_a_block_and_again_after_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"n": 1}\n')
    with reading_once():
        first = read_lines(path)
        first.append(first[0])  # a list of one's own
        path.write_text('{"n": 2}\n')
        with reading_once():
            assert [row["n"] for row in read_lines(path)] == [1]
    assert [row["n"] for row in read_lines(path)] == [2]


def test_nothing_is_kept_of_a_file_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{")
    with reading_once():
        with pytest.raises(AnnotationError, match="line 1"):
            read_lines(path)
        path.write_text('{"n": 1}\n')
        assert [row["n"] for row in read_lines(path)] == [1]


def test_cycles_are_looked_for_again_after_the_outermost_block() -> None:
    assert gc.isenabled()
    with without_collection():
        with without_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("value", ["x", None, True, float("nan"), 10**400])
def test_of_a_list_of_numbers_the_first_that_is_none_is_named(value: object) -> None:
    with pytest.raises(AnnotationError, match="entry 2, must be a finite number"):
        Row({"scores": [1, value, 2.5]}, "file, line 1").numbers("scores")
    assert Row({"scores": [1, 2.5]}, "").numbers("scores") == [1.0, 2.5]
