"""Times in another unit than seconds are noticed, and times in seconds are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import Example, dataset
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


def many(duration: float) -> tuple[dict[int, np.ndarray], list[Example]]:
    """Windows anywhere in 300 videos."""
    rng = np.random.default_rng(0)
    windows = np.sort(rng.uniform(0, duration, (300, 2)), axis=1)
    return dict(enumerate(windows[:, None])), [
        Example(i, f"v{i}", "q", windows[i : i + 1], duration) for i in range(300)
    ]


def test_rows_are_suspected_one_by_one_and_many_together() -> None:
    answers, examples = many(150.0)
    assert suspected_unit(answers, examples) is None
    some = {i: w / 150 if i < 75 else w for i, w in answers.items()}
    assert "all windows of 75 of 300 rows are inside [0, 1]" in (suspected_unit(some, examples) or "")
    clips = suspected_unit({i: w / 2 for i, w in answers.items()}, examples)
    assert "hardly a window of 300 rows ends in the last third" in (clips or "")
    per_cent = suspected_unit({i: w / 1.5 for i, w in answers.items()}, examples)
    assert "no window ends after 100 in 300 rows" in (per_cent or "")
    assert suspected_unit({i: np.array([[0.0, 50.0]]) for i in answers}, examples) is None  # one guess for all


@pytest.mark.parametrize("name", ["moment_detr", "qd_detr"])
def test_official_predictions_are_not_suspected(data: Path, name: str) -> None:
    examples = dataset("qvhighlights").load(data, "val").examples
    lines = (data / "qvhighlights" / f"{name}_val_preds.jsonl").read_text().splitlines()
    answers = {row["qid"]: np.array(row["pred_relevant_windows"]) for row in map(json.loads, lines)}
    assert suspected_unit(answers, examples) is None
    durations = {e.qid: e.duration for e in examples}
    mixed = {q: w / durations[q] if i % 4 == 0 else w for i, (q, w) in enumerate(answers.items())}
    assert "inside [0, 1]" in (suspected_unit(mixed, examples) or "")
    clips = {q: w * [0.5, 0.5, 1] for q, w in answers.items()}
    assert "numbers of clips" in (suspected_unit(clips, examples) or "")


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
