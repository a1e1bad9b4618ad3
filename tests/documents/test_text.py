"""What a document is in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from whenabouts.documents.chart import Bars
from whenabouts.documents.document import Document, Section, Table
from whenabouts.documents.text import MAX_ROWS, text

DRAWN = Bars("a chart", ("one",), {"all": (1.0,)}, "per cent")


def of(*rows: tuple[str | float | int | None, ...], columns: tuple[str, ...], digits: int = 2) -> list[str]:
    """The lines of a table alone."""
    document = Document("", "", sections=(Section("", tables=(Table(columns, rows, digits),)),))
    return text(document).splitlines()[3:]


def test_verdicts_stand_before_everything_else_and_details_and_charts_are_left_to_the_page() -> None:
    document = Document(
        "Audit",
        "Charades-STA, test: 3,720 queries",
        ("the prior alone has 36.0",),
        (
            Section("Scores", ("all in per cent",), (Table(("metric", "score"), (("R1@0.5", 36.0),)),), (DRAWN,)),
            Section("Examples", ("many",), detail=True),
        ),
        ("no training split",),
    )
    assert text(document).splitlines() == [
        "Audit",
        "Charades-STA, test: 3,720 queries",
        "",
        "• the prior alone has 36.0",
        "",
        "Scores",
        "──────",
        "all in per cent",
        "",
        "  metric  score",
        "  ─────────────",
        "  R1@0.5  36.00",
        "",
        "note: no training split",
    ]


def test_numbers_stand_under_each_other_and_what_there_is_not_is_a_dash() -> None:
    assert of(("a", 1, 0.5), ("b", 250, None), ("c", 3, float("nan")), columns=("", "queries", "share"), digits=1) == [
        "     queries  share",
        "  ─────────────────",
        "  a        1    0.5",
        "  b      250      –",
        "  c        3      –",
    ]


def test_a_table_of_many_columns_is_parted_and_its_first_column_comes_again() -> None:
    columns = ("model", *(f"R1@0.{i}" for i in range(16)))
    lines = of(("a model", *(float(i) for i in range(16))), columns=columns)
    assert max(map(cell_len, lines)) <= 80
    assert [line.split()[0] for line in lines if "R1@" in line] == ["model", "model"]
    assert " ".join(lines).split().count("15.00") == 1


def test_an_interval_stays_beside_its_value() -> None:
    columns = ("metric", *(name for i in range(6) for name in (f"system number {i}", "95 %")))
    lines = of(("R1@0.5", *(50.0, "47.5 to 50.9") * 6), columns=columns)
    assert all(line.count("50.00") == line.count("47.5 to 50.9") for line in lines)
    assert max(map(cell_len, lines)) <= 80 and sum("50.00" in line for line in lines) > 1


def test_text_that_reads_as_a_number_stands_to_the_right() -> None:
    assert of(("a", "+8.97"), ("b", "–"), ("c", "+11.94"), columns=("", "gain"))[2:] == [
        "  a   +8.97",
        "  b       –",
        "  c  +11.94",
    ]


def test_long_text_goes_on_in_the_next_line_of_its_cell() -> None:
    lines = of(("a person opens the door " * 6, 1.0, "사람이 문을 연다 " * 8), columns=("query", "tIoU", "말"))
    assert max(map(cell_len, lines)) <= 80 and " ".join(lines).count("door") == 6 and "1.00" in lines[2]


def test_more_rows_than_one_reads_are_counted() -> None:
    lines = of(*((str(i), i) for i in range(30_000)), columns=("query", "rank"))
    assert len(lines) == MAX_ROWS + 4 and lines[-1].strip() == "100 of 30000 rows are shown"


def test_messages_are_in_the_language_of_the_reader() -> None:
    document = Document("t", "f", ("v",), (Section("s", ("e",), (Table(("c",), (("x",),)),)),), ("n",))
    assert {line.strip("• ─") for line in text(document, str.upper).splitlines()} == {*"TFVSECX", "", "NOTE: N"}


@pytest.mark.parametrize("odd", ["", " ", "\n", "a" * 500, "\x1b[31m", "שלום", "</script>", "긴" * 200, "e\u0301" * 90])
def test_odd_text_breaks_no_line(odd: str) -> None:
    document = Document(
        odd, odd, (odd,), (Section(odd, (odd,), (Table((odd, odd), ((odd, 1.0), (odd, odd))),)),), (odd,)
    )
    assert all(cell_len(line) <= 80 for line in text(document).splitlines())


cells = st.one_of(st.none(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), st.text("ab 긴", max_size=60))


@given(st.integers(1, 9).flatmap(lambda n: st.lists(st.tuples(*[cells] * n), min_size=1, max_size=4)))
def test_no_table_is_wider_than_a_terminal_and_no_letter_is_lost(
    rows: list[tuple[str | float | int | None, ...]],
) -> None:
    lines = of(*rows, columns=tuple(f"column {i}" for i in range(len(rows[0]))))
    assert all(cell_len(line) <= 80 for line in lines)
    told = "".join(lines).replace(" ", "")
    for row in rows:
        for cell in row:
            if isinstance(cell, str):
                assert told.count("긴") >= cell.count("긴")
