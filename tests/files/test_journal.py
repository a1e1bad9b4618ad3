"""A journal keeps every whole row, whatever the letters in it, and loses at most the row that was half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.files.journal import append, resume, whole_rows

RECEIPT = {"model": "m", "split": "test"}
ROWS = st.lists(
    st.fixed_dictionaries({"qid": st.integers(), "said": st.text('a\u2028\u2029\x85\x0b\r\n"é한', max_size=8)})
)


@given(ROWS, st.integers(0, 400))
def test_a_file_cut_anywhere_gives_the_rows_before_the_cut(rows: list[dict[str, object]], cut: int) -> None:
    lines = [(json.dumps(row, ensure_ascii=False) + "\n").encode() for row in rows]
    whole, length = whole_rows(b"".join(lines)[:cut])
    assert whole == rows[: len(whole)] and length == len(b"".join(lines[: len(whole)]))
    assert len(whole) == len(rows) or len(b"".join(lines[: len(whole) + 1])) > cut


def test_rows_with_line_separators_are_kept_and_one_cut_within_a_letter_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [{"qid": 0, "said": "a\u2028b\u2029c\x85d"}, {"qid": 1, "said": "plain"}]
    assert resume(path, RECEIPT) == []
    append(path, rows)
    whole = path.read_bytes()
    path.write_bytes(whole + '{"qid": 2, "said": "é'.encode()[:-1])
    assert resume(path, RECEIPT) == rows
    assert path.read_bytes() == whole


def test_a_broken_row_in_the_middle_is_told_and_nothing_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    resume(path, RECEIPT)
    path.write_text('{"qid": 0}\n{"qid": 1, \n{"qid": 2}\n')
    with pytest.raises(InputError, match=r"line 2: this is no answer, and 1 more lines follow"):
        resume(path, RECEIPT)
    assert path.read_text().count("\n") == 3


def test_only_a_file_with_rows_holds_to_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    resume(path, RECEIPT)
    assert not path.exists()
    path.touch()
    other = RECEIPT | {"split": "train"}
    assert resume(path, other) == []
    append(path, [{"qid": 0}])
    with pytest.raises(InputError, match=r"made with another model or setting \(split\)"):
        resume(path, RECEIPT)
    path.with_suffix(".receipt.json").unlink()
    with pytest.raises(InputError, match="does not say how it was made"):
        resume(path, other)
    assert path.read_text() == '{"qid": 0}\n'
