"""Charades-CON. Official values are those of its eval.py:evaluate_predictions_for_consistency."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import AnnotationError
from whenabouts.evaluation.absence_report import BesideTrivial
from whenabouts.evaluation.evaluate import evaluate

WORDINGS = {"A": ["a", "b", "c"], "M": ["d", "e", "f"], "C": {"Y": ["y"], "N": ["n"]}}
TRUTH = {
    "V": {
        "duration": 30.0,
        "sentences": ["s", "t"],
        "timestamps": [[2.0, 12.0], [20.0, 28.0]],
        "shifted_timestamps": [[15.0, 25.0], [0.0, 8.0]],
        "consistency_annotations": [WORDINGS, WORDINGS],
    }
}


def said(c: str, a: str) -> dict[str, str]:
    return {"c": c, "q": "?", "a": a}


FIRST: dict[str, Any] = {
    "meta": {"vid": "V", "sentence": "s", "timestamp": [2.0, 12.0], "duration": 30.0},
    "prediction": {"qa": {"t": [2.0, 11.0]}, "iou": 0.9},
    "rephrased": {
        "pred_moments": [{"t": [2.0, 11.0]}, {"t": [2.0, 5.0]}, {"t": [0.0, 11.0]}],
        "ious": [1.0, 0.33, 0.82],
    },
    "shifted": {"qa": {"t": [2.0, 12.0]}, "iou": 0},
    "holistic": {
        "original": [said("pos", "Yes")],
        "aligned": [said("neg", "No."), said("pos", "no"), said("pos", "Yes, it does.")],
        "misaligned": [said("pos", "No"), said("pos", "yes"), said("neg", "Yes")],
    },
    "compositional": {"aligned": [said("pos", "Yes")], "misaligned": [said("pos", "Perhaps")]},
}
SECOND = {
    "meta": {"vid": "V", "sentence": "t", "timestamp": [20.0, 28.0], "duration": 30.0},
    "prediction": {"qa": {"t": [0.0, 4.0]}, "iou": 0.0},
}


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "charades_consistency_test.json"
    path.write_text(json.dumps(TRUTH))
    return path


def test_official_figures(truth: Path) -> None:
    with pytest.warns(UserWarning, match="2 answers are neither yes nor no"):  # the official code would ask a judge
        figures = evaluate([FIRST, SECOND], "charades-con", truth, strict_official=True).figures
    assert figures is not None
    assert figures["org_grounding"]["R@1 IoU=0.5"] == 50.0 and figures["rephrased_grounding"]["mIoU"] == 71.667
    assert [figures["holistic"][name] for name in ("TP", "FP", "FN", "TN")] == [2, 1, 1, 2]
    assert figures["holistic"]["scores"]["ROC_AUC"] == 66.67
    assert figures["absolute_scores"] == {
        **{"Ground": 50.0, "C_Ground": 33.34, "S_Ground": 0.0},
        **{"H_verif_acc": 33.34, "C_verif_acc": 50.0},
    }


def test_in_our_words_the_first_word_decides_and_nothing_is_rounded(truth: Path) -> None:
    with pytest.warns(UserWarning, match="1 answers are neither yes nor no"):
        report = evaluate([FIRST, SECOND], "charades-con", truth)
    assert isinstance(report, BesideTrivial)
    assert report.scores["R-Ground"] == pytest.approx(100 / 3) and report.scores["H-Verify"] == pytest.approx(250 / 7)
    assert report.baselines["never"]["Ground"] == 0.0 and set(report.baselines) == {
        "never",
        "whole video, yes",
        "random",
    }
    assert "H-Verify" in report.table()


def test_rows_of_other_queries_and_repeated_ones_are_refused(truth: Path) -> None:
    stranger = {**SECOND, "meta": SECOND["meta"] | {"sentence": "another"}}
    with pytest.raises(AnnotationError, match="entry 1: no annotation has this vid, sentence and timestamp"):
        evaluate([stranger], "charades-con", truth)
    with pytest.raises(AnnotationError, match="entry 2: this vid, sentence and timestamp are answered twice"):
        evaluate([SECOND, SECOND], "charades-con", truth)
    with pytest.raises(AnnotationError, match="entry 1, prediction: the field qa is missing"):
        evaluate([SECOND | {"prediction": {}}], "charades-con", truth)


def test_what_is_missing_is_a_miss(truth: Path) -> None:
    with pytest.warns(UserWarning, match="1 query has no answer and counts as a miss"):
        assert evaluate([FIRST], "charades-con", truth).scores["Ground"] == 50.0
    with pytest.warns(UserWarning, match="left out, as the official code does"):
        assert evaluate([FIRST], "charades-con", truth, strict_official=True).scores["Ground"] == 100.0
