"""A journal keeps every whole row, whatever the letters in it, and loses at most the row that was half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from disks import largest_file
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError, StorageError
from whenabouts.files.journal import Journal, whole_rows

RECEIPT = {"model": "m", "split": "test"}
ROWS = st.lists(
    st.fixed_dictionaries({"qid": st.integers(), "said": st.text('a\u2028\u2029\x85\x0b\r\n"é한', max_size=8)})
)


def resumed(path: Path, receipt: dict[str, str]) -> list[dict[str, object]]:
    """The rows that a run finds which adds none."""
    with Journal(path, receipt) as journal:
        return journal.rows


@given(ROWS, st.integers(0, 400))
def test_a_file_cut_anywhere_gives_the_rows_before_the_cut(rows: list[dict[str, object]], cut: int) -> None:
    lines = [(json.dumps(row, ensure_ascii=False) + "\n").encode() for row in rows]
    whole, length = whole_rows(b"".join(lines)[:cut])
    assert whole == rows[: len(whole)] and length == len(b"".join(lines[: len(whole)]))
    assert len(whole) == len(rows) or len(b"".join(lines[: len(whole) + 1])) > cut


def test_rows_with_line_separators_are_kept_and_one_cut_within_a_letter_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [{"qid": 0, "said": "a\u2028b\u2029c\x85d"}, {"qid": 1, "said": "plain"}]
    with Journal(path, RECEIPT) as journal:
        assert journal.rows == []
        journal.append(rows)
    whole = path.read_bytes()
    path.write_bytes(whole + '{"qid": 2, "said": "é'.encode()[:-1])
    assert resumed(path, RECEIPT) == rows
    assert path.read_bytes() == whole


def test_a_broken_row_in_the_middle_is_told_and_nothing_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    resumed(path, RECEIPT)
    path.write_text('{"qid": 0}\n{"qid": 1, \n{"qid": 2}\n')
    with pytest.raises(InputError, match=r"line 2: this is no answer, and 1 more lines follow"):
        resumed(path, RECEIPT)
    assert path.read_text().count("\n") == 3


def test_only_a_file_with_rows_holds_to_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    resumed(path, RECEIPT)
    assert not path.exists()
    path.touch()
    other = RECEIPT | {"split": "train"}
    assert resumed(path, other) == []
    with Journal(path, other) as journal:
        journal.append([{"qid": 0}])
    with pytest.raises(InputError, match=r"made with another model or setting \(split\)"):
        resumed(path, RECEIPT)
    path.with_suffix(".receipt.json").unlink()
    with pytest.raises(InputError, match="does not say how it was made"):
        resumed(path, other)
    assert path.read_text() == '{"qid": 0}\n'


def test_no_second_run_adds_to_the_same_file(tmp_path: Path) -> None:
    """Of two that both did, each row would be there twice."""
    path = tmp_path / "answers.jsonl"
    with Journal(path, RECEIPT) as journal:
        journal.append([{"qid": 0}])
        with pytest.raises(InputError, match="another run is writing"):
            Journal(path, RECEIPT)
    assert resumed(path, RECEIPT) == [{"qid": 0}]


def test_rows_on_a_full_disk_are_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    row = {"said": "x" * 700}
    with Journal(path, RECEIPT) as journal, largest_file(1000):
        journal.append([row])
        with pytest.raises(StorageError, match=r"answers\.jsonl cannot be written: it is larger than a"):
            journal.append([row])
    assert resumed(path, RECEIPT) == [row]
    with Journal(path, RECEIPT) as journal:
        journal.append([row])
    assert path.read_bytes().count(b"\n") == 2
