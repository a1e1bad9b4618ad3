"""Charades-CD as it is scored: a file of the form of ShufflingVideosForTSG, and the official figures of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.report import RankedReport

# Windows and sentences of our own. R1 and mIoU: segment_iou and retrieval_eval of grounding/IoU_eval.py (df562a0), run
# on these windows; its 1e-4 in the union moves the mIoU by less than 0.001.
TRUTH = {
    "A1": {"sentences": ["a person sits down", "a person's cup falls"], "timestamps": [[2.0, 10.0], [20.0, 24.5]]},
    "B2": {"sentences": ["she opens the door"], "timestamps": [[0.0, 6.4]]},
}
ANSWERS = {
    "version": "V0",
    "results": {
        "A1": [
            {"sentence": "a person sits down", "timestamp": [2.0, 6.0], "gt_timestamp": [2.0, 10.0], "score": 0.6},
            {"sentence": "a person s cup falls", "timestamp": [21.0, 25.0], "gt_timestamp": [20.0, 24.5], "score": 0.5},
        ],
        "B2": [{"sentence": "she opens the door", "timestamp": [3.0, 3.0], "gt_timestamp": [0.0, 6.4], "score": 1.1}],
    },
    "external_data": {"used": True, "details": "ActivityNet"},
}


def test_scores_are_those_of_the_official_code(tmp_path: Path) -> None:
    about = {"video_duration": 40.0, "video_fps": -1.0, "decode_fps": 16.0}
    (tmp_path / "charades_test_ood.json").write_text(json.dumps({v: row | about for v, row in TRUTH.items()}))
    (tmp_path / "answers.json").write_text(json.dumps(ANSWERS))
    with pytest.warns(UserWarning, match="1 answers begin with an inverted or empty interval"):
        report = evaluate(tmp_path / "answers.json", "charades-cd", tmp_path)
    assert isinstance(report, RankedReport) and report.protocol == "charades-cd"
    scores = report.scores
    assert [round(scores[f"R1@{m}"], 2) for m in (0.1, 0.3, 0.5, 0.7, 0.9)] == [66.67, 66.67, 33.33, 0.0, 0.0]
    assert scores["mIoU"] == pytest.approx(39.9993, abs=0.002)
    # by hand: 0.5 is no hit; the second loses 1 s of 40 at its start and half a second at its end
    assert scores["dR1@0.5"] == pytest.approx(100 * (1 - 1 / 40) * (1 - 0.5 / 40) / 3)
    assert scores["dR1@0.3"] == pytest.approx(scores["dR1@0.5"] + 100 * (1 - 4 / 40) / 3)
    whole = report.blind["whole video"]
    assert whole["dR1@0.1"] == pytest.approx(100 * ((38 / 40) * (10 / 40) + (20 / 40) * (24.5 / 40) + 6.4 / 40) / 3)
