"""Audio moment retrieval: files in Lighthouse's form, scored as its evaluator scores them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import dataset
from whenabouts.evaluation.evaluate import evaluate

ROWS = [  # the form of castella_test_release.jsonl: several moments, some a second beyond the end or of one second
    {"qid": "a_1", "query": "a car horn", "duration": 299, "vid": "a", "relevant_windows": [[27, 28], [289, 300]]},
    {"qid": "a_2", "query": "a phone beeps", "duration": 299, "vid": "a", "relevant_windows": [[72, 76]]},
    {"qid": "b_1", "query": "music", "duration": 60, "vid": "b", "relevant_windows": [[2.5, 27.5]]},
]
PREDICTED = [
    {"qid": "a_1", "pred_relevant_windows": [[288, 299, 0.9], [26, 28, 0.8], [100, 150, 0.1]]},
    {"qid": "a_2", "pred_relevant_windows": [[70, 76, 0.5], [10, 20, 0.4]]},
    {"qid": "b_1", "pred_relevant_windows": [[0, 20, 0.7], [2, 28, 0.6]]},
]


@pytest.mark.parametrize(
    ("name", "splits"),
    [
        ("clotho-moment", ("train", "val", "test")),
        ("castella", ("train", "val", "test")),
        ("unav100-subset", ("test",)),
        ("tut2017", ("test",)),
    ],
)
def test_lighthouses_folders_are_read(name: str, splits: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "data" / name.replace("-moment", "_moment")  # as in Lighthouse's repository
    folder.mkdir(parents=True)
    for split in splits:
        lines = "".join(json.dumps(row) + "\n" for row in ROWS)
        (folder / f"{folder.name}_{split}_release.jsonl").write_text(lines)
    data = dataset(name)
    assert tuple(data.files) == splits
    first = data.load(tmp_path / "data").examples[0]
    assert (first.qid, first.video, first.duration) == ("a_1", "a", 299)
    assert np.array_equal(first.windows, [[27, 28], [289, 300]])


def test_figures_are_lighthouses(tmp_path: Path) -> None:
    for name, rows in (("castella_test_release.jsonl", ROWS), ("predictions.jsonl", PREDICTED)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = evaluate(tmp_path / "predictions.jsonl", dataset("castella"), tmp_path)
    # Lighthouse training/standalone_eval/eval.py:eval_submission, at d095eaa
    assert report.scores == {
        "MR-full-R1@0.5": 100.0,
        "MR-full-R1@0.7": 33.33,
        "MR-full-mAP": 48.33,
        "MR-full-mAP@0.5": 100.0,
        "MR-full-mAP@0.75": 33.33,
    }
