"""The numbers of every split whose files are at hand, against those measured apart, exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.evaluation.statistics import stats

SPLITS = [
    ("charades_sta/train", "charades-sta", "train"),
    ("charades_sta/test", "charades-sta", "test"),
    ("charades_sta_cgdetr_jsonl/train", "charades-sta-clamped", "train"),
    ("charades_sta_cgdetr_jsonl/test", "charades-sta-clamped", "test"),
    ("activitynet_captions/train", "activitynet-captions", "train"),
    ("activitynet_captions/val", "activitynet-captions", "val_1"),
    ("activitynet_captions/test", "activitynet-captions", "val_2"),
    ("tacos/train", "tacos", "train"),
    ("tacos/val", "tacos", "val"),
    ("tacos/test", "tacos", "test"),
    ("qvhighlights/train", "qvhighlights", "train"),
    ("qvhighlights/val", "qvhighlights", "val"),
    ("didemo/val", "didemo", "val"),
    ("didemo/test", "didemo", "test"),
]


def measured(data: Path, name: str) -> dict[str, Any]:
    entries = json.loads((data / "evaluators" / "dataset_stats.json").read_text())
    [entry] = [e for e in entries if e["name"] == name]
    return {k: v for k, v in entry.items() if k not in {"name", "file", "bytes"}}


@pytest.mark.parametrize(("entry", "name", "split"), SPLITS)
def test_statistics_are_those_measured(data: Path, entry: str, name: str, split: str) -> None:
    assert stats(BENCHMARKS[name].load(data, split).examples) == measured(data, entry)


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_tacos_clamped_is_the_file_of_cg_detr(data: Path, split: str) -> None:
    examples = clamp(list(BENCHMARKS["tacos"].load(data, split).examples))
    assert stats(examples) == measured(data, f"tacos_cgdetr_jsonl/{split}")


def test_a_split_without_windows_has_no_lengths() -> None:
    example = Example("q", "v", "a dog's bark", np.zeros((0, 2)), 10.0)
    numbers = stats([example, example])
    assert numbers["words_mean"] == 3 and numbers["no_window_queries"] == 2
    assert numbers["dup_qid"] == numbers["dup_rows"] == 1
    assert "moment_len_mean" not in numbers
