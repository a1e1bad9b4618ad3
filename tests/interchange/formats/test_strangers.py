"""Words of strangers break no format: each file reads back to the same times and, but for what is told, words."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.interchange.formats import FORMATS, read
from whenabouts.interchange.text import from_cell, one_line, printable
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

LENGTH = 600.0
SIGNS = "\n\r\t|\"'<>&;=+-@,{}()[]\\/:#%$*`~.0123 aNé한\u200b\u202e\u2066\u2028\ufeff\U0001f3ac\x00\x1b\x85\uff5c"
WORDS = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=40)
QUERIES = WORDS.filter(lambda text: bool(one_line(text)))
SHARED = st.sampled_from(
    ["likely, rank 1, score 0.900", "NOTE", "1 frame late", "* LOC: x", "Data", "Heading", "x\n\n2\n00:00"]
)


def exact(query: str) -> str:
    return query


def without_width(query: str) -> str:
    return " ".join(one_line(query).replace("\u200b", "").split())


def one_bar(query: str) -> str:
    return one_line(query).replace("\uff5c", "|")


KEPT: dict[str, Callable[[str], str]] = {
    "json": exact,
    "qvhighlights": exact,
    "tal": exact,
    "label-studio": exact,
    "vtt-metadata": exact,
    "csv": printable,
    "otio": one_line,
    "edl": one_bar,
    "avid": one_line,
    "losslesscut": one_line,
    "audacity": one_line,
    "eaf": one_line,
    "vtt": without_width,
    "srt": without_width,
    "srt-scored": without_width,
}


def timeline_in(folder: Path) -> Timeline:
    return Timeline(folder / 'video | "1".mp4', LENGTH, FrameRate(RATES["29.97"], drop=True), 1800)


def predictions(query: str, other: str) -> list[Prediction]:
    return [
        Prediction(query, (Moment(20, 40.5, 0.5), Moment(1, 2, 0.25)), LENGTH, annotator=other),
        Prediction(f"{other} b", (Moment(20, 30, 0.75),), LENGTH, presence=0.5),
    ]


@pytest.mark.parametrize("name", KEPT)
@settings(max_examples=40)
@given(query=st.one_of(QUERIES, SHARED), other=st.one_of(QUERIES, SHARED))
@example(query="=1+1", other="'=x")
@example(query="x" * 10_000, other="\U0001f3ac" * 10_000)
@example(query="<1:2> &amp; <b>{\\an8}", other="- a")
@example(query="a + b", other="a")
def test_words_and_times_come_back(tmp_path_factory: pytest.TempPathFactory, name: str, query: str, other: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    timeline, kind = timeline_in(folder), FORMATS[name]
    path = folder / f"a{kind.suffix}"
    path.write_bytes(kind.data(predictions(query, other), timeline, "all"))
    back = {(mark.query, timeline.span(moment)) for mark in read(path, timeline) for moment in mark.moments}
    assert back == {
        (KEPT[name](each.query), timeline.span(moment)) for each in predictions(query, other) for moment in each.moments
    }


@settings(max_examples=60)
@given(query=st.one_of(QUERIES, SHARED), other=st.one_of(QUERIES, SHARED))
@example(query="x" * 10_000, other="\U0001f3ac" * 10_000)
def test_formats_that_are_only_written_keep_their_shape(query: str, other: str) -> None:
    timeline = timeline_in(Path("/videos"))
    answers = predictions(query, other)
    text = {name: FORMATS[name].data(answers, timeline, "all").decode(FORMATS[name].encoding) for name in FORMATS}
    for name, tag in (("xmeml", "marker"), ("fcpxml", "marker"), ("fcp-keywords", "keyword")):
        root = ElementTree.fromstring(text[name].split("\n", 2)[2])
        assert len(list(root.iter(tag))) == 3
    rows = list(csv.reader(io.StringIO(text["premiere-csv"], newline=""), delimiter="\t"))
    assert [len(row) for row in rows] == [6] * 4 and {one_line(each.query) for each in answers} == {
        from_cell(r[0]) for r in rows[1:]
    }
    log = text["ale"].splitlines()
    assert [line.count("\t") for line in log[log.index("Data") + 1 :]] == [6] * 3
    assert [clip["name"] for clip in json.loads(text["jsonld"])["hasPart"]].count(one_line(query)) >= 2
    assert "<" not in text["jsonld"]
    lines = text["youtube"].splitlines()
    assert all(re.match(r"[0-9]+:[0-9]{2} \S", line) for line in lines) and [line[:5] for line in lines] == [
        "0:00 ",
        "0:20 ",
    ]
    assert text["ffmetadata"].count("\n[CHAPTER]\n") == 3


@settings(max_examples=200)
@given(query=QUERIES)
def test_no_cell_is_a_formula(query: str) -> None:
    timeline = timeline_in(Path("/videos"))
    for name, delimiter in (("csv", ","), ("premiere-csv", "\t")):
        text = FORMATS[name].data(predictions(query, query), timeline, "all").decode(FORMATS[name].encoding)
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
        assert not any(cell.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")) for cell in cells)
