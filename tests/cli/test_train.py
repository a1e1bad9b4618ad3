"""`whenabouts train`: what cannot be trained on is told before the training starts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import InputError

GOOD = {"relevant_windows": [[1, 3]], "duration": 10}


@pytest.mark.parametrize(
    ("train", "val", "split"),
    [
        ([{"relevant_windows": [], "duration": 10}, {"duration": 10}, {"relevant_windows": [[1, 3]]}], [GOOD], "train"),
        ([GOOD], [{"relevant_windows": [], "duration": 10}, {}, {}], "val"),
    ],
)
def test_a_split_without_a_usable_row_is_told(
    tmp_path: Path, train: list[dict[str, object]], val: list[dict[str, object]], split: str
) -> None:
    pytest.importorskip("accelerate")
    rows = [{"split": "train"} | row for row in train] + [{"split": "val"} | row for row in val]
    lines = [json.dumps({"vid": "v", "query": "a dog", "qid": i} | row) for i, row in enumerate(rows)]
    (tmp_path / "annotations.jsonl").write_text("\n".join(lines))
    (tmp_path / "f" / "text").mkdir(parents=True)
    np.save(tmp_path / "f" / "v.npy", np.zeros((5, 4), np.float32))
    for i in range(len(rows)):
        np.save(tmp_path / "f" / "text" / f"qid{i}.npy", np.zeros((3, 4), np.float32))
    arguments = ["train", "univtg", "--benchmark", "own", "--data", str(tmp_path), "--features", str(tmp_path / "f")]
    result = CliRunner().invoke(app, [*arguments, "--size", "small", "--epochs", "1", "--out", str(tmp_path / "r")])
    assert isinstance(result.exception, InputError)
    left = "2 without a window, 1" if split == "train" else "3 without a window, 2"
    assert str(result.exception) == (
        f"{tmp_path / 'annotations.jsonl'}: none of the 3 rows of the split {split} can be used for training "
        f"({left} without a duration); annotate some with both"
    )
