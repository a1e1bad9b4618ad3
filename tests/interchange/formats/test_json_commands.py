"""Files of JSON can be shown on a terminal: no character in them commands it, and none is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whenabouts.interchange.formats import write
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.printable import COMMANDS

HOSTILE = "a \x9b31m\u202egpj.exe\u2028 é"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.tal.json", "a.fiftyone.json", "a.labelstudio.json"])
def test_json_commands_no_terminal(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(
        [Prediction(HOSTILE, (Moment(1.0, 2.0, 0.5),), 9.0)],
        Timeline(tmp_path / "v.mp4", 9.0, FrameRate.nearest(25)),
        path,
    )
    text = path.read_text("utf-8")
    assert not COMMANDS.search(text)
    assert HOSTILE in json.dumps(json.loads(text), ensure_ascii=False)
