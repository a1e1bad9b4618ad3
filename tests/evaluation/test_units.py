"""Times in another unit than seconds are noticed, and times in seconds are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import Example
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.units import suspected_unit

EXAMPLES = [Example(i, f"v{i}", "q", np.array([[3.0, 9.0]]), 30.0) for i in range(4)]


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1.0, ""),
        (1 / 30, "inside [0, 1] (4 of 4); times must be seconds, not shares"),
        (30.0, "beyond the end of their video (4 of 4); times must be seconds, not milliseconds or frames"),
    ],
)
def test_the_unit_of_times_is_suspected(factor: float, words: str) -> None:
    told = suspected_unit({e.qid: e.windows * factor for e in EXAMPLES}, EXAMPLES)
    assert words in (told or "") and (told is None) == (not words)


def test_few_or_short_windows_are_no_ground_for_suspicion() -> None:
    short = [Example(i, "v", "q", np.array([[0.0, 1.0]]), 1.5) for i in range(4)]
    assert suspected_unit({e.qid: e.windows for e in short}, short) is None
    assert suspected_unit({0: [[0.1, 0.3]]}, EXAMPLES) is None
    assert suspected_unit({}, EXAMPLES) is None


def test_a_report_notes_the_unit(tmp_path: Path) -> None:
    row = {"vid": "v", "query": "q", "duration": 30.0, "relevant_windows": [[3, 9]]}
    (tmp_path / "my.jsonl").write_text("".join(json.dumps({"qid": i} | row) + "\n" for i in range(4)))
    with pytest.warns(UserWarning, match="not shares of the video"):
        report = evaluate({i: [[0.1, 0.3]] for i in range(4)}, tmp_path / "my.jsonl")
    assert any("not shares of the video" in note for note in report.notes)
