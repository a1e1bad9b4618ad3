"""A format that another package adds is written, read and named like every other."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts import Moment, Prediction
from whenabouts.interchange.formats import FORMATS, read, write
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline

LINES = Format(
    ".lines",
    "programs that take lines",
    "seconds",
    lambda predictions, _: "".join(f"{each.query}\t{m.start}\t{m.end}\n" for each in predictions for m in each.moments),
    lambda path, _: [
        Marked(query, (Moment(float(start), float(end)),), None)
        for query, start, end in (line.split("\t") for line in path.read_text().splitlines())
    ],
)


def test_one_object_is_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS.own, "lines", LINES)
    answers = [Prediction("a dog", (Moment(1.5, 2.0, 0.5),), 9.0)]
    path = write(answers, Timeline(Path("v.mp4"), 9.0, FrameRate.nearest(25)), tmp_path / "a.lines")
    assert path.read_text() == "a dog\t1.5\t2.0\n"
    assert [(mark.query, mark.moments) for mark in read(path)] == [("a dog", (Moment(1.5, 2.0),))]
