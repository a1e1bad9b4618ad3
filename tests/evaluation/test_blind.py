"""Constant windows chosen on training splits, against those found apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO, best_constant, constant_answers
from whenabouts.evaluation.protocols import RankedProtocol

OBJECTIVES = {"R1@0.3": 0.3, "R1@0.5": 0.5, "R1@0.7": 0.7, "mIoU": None}


@pytest.mark.parametrize(
    ("entry", "name", "split"),
    [("charades", "charades-sta", "test"), ("tacos", "tacos", "test"), ("qvhighlights_val", "qvhighlights", "val")],
)
def test_blind_baselines_are_those_measured(data: Path, entry: str, name: str, split: str) -> None:
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())[entry]
    train, test = (clamp(list(BENCHMARKS[name].load(data, s).examples)) for s in ("train", split))
    chosen = {f"b_const_best_{metric}_train": best_constant(train, m) for metric, m in OBJECTIVES.items()}
    truths = {e.qid: e.windows for e in test}
    for baseline, window in {"a_whole_video": WHOLE_VIDEO, **chosen}.items():
        expected = measured[baseline]
        assert list(window) == expected.get("window", list(WHOLE_VIDEO))
        scores = RankedProtocol("blind", "", strict=True).score(constant_answers(test, window), truths)
        assert round(scores["mIoU"], 2) == expected["mIoU"]
        assert [round(scores[f"R1@{m}"], 2) for m in (0.3, 0.5, 0.7)] == [expected[f"R1@{m}>"] for m in (0.3, 0.5, 0.7)]


def test_of_several_windows_the_best_fitting_counts() -> None:
    windows = np.array([[0.0, 2.0], [6.0, 10.0]])
    assert best_constant([Example(1, "v", "q", windows, 10.0), Example(2, "v", "p", windows[1:], 10.0)], None) == (
        0.6,
        1.0,
    )
