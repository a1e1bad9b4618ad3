"""Two files of answers are comparable where every query was asked alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.commands import Evaluate
from whenabouts.errors import InputError
from whenabouts.evaluation.receipts import differences

SETTINGS = {"prompting": "time-r1", "prompt": "a" * 64, "fps": 2.0, "frames": 60, "decoding": {"temperature": 0.0}}


def answers(path: Path, *settings: dict[str, Any], weights: str = "sha") -> Path:
    rows = [
        {"qid": i, "pred_relevant_windows": [[1, 9, 1.0]]}
        | ({"receipt": {"models": {"transformers:m": weights}, "settings": one}} if one else {})
        for i, one in enumerate(settings, 1)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_files_that_were_made_alike_are_comparable(tmp_path: Path) -> None:
    one, two = (answers(tmp_path / name, SETTINGS, SETTINGS | {"frames": 8}) for name in ("one.jsonl", "two.jsonl"))
    assert differences(one, two) == []


@pytest.mark.parametrize("name", ["prompt", "fps", "frames", "decoding", "parser", "stamps", "quantised"])
def test_a_setting_that_differs_is_told(name: str, tmp_path: Path) -> None:
    one = answers(tmp_path / "one.jsonl", SETTINGS, SETTINGS)
    two = answers(tmp_path / "two.jsonl", SETTINGS, SETTINGS | {name: "another"})
    [told] = differences(one, two)
    assert told.startswith(f"not comparable with {two}: {name} ") and told.endswith("in 1 of 2 answers")


def test_of_decoding_only_what_differs_is_told(tmp_path: Path) -> None:
    drawn = {"tokens": 1024, "temperature": 0.0, "top_p": 1.0, "top_k": 0, "repetition_penalty": 1.0}
    one = answers(tmp_path / "one.jsonl", SETTINGS | {"decoding": drawn})
    two = answers(tmp_path / "two.jsonl", SETTINGS | {"decoding": drawn | {"temperature": None}})
    [told] = differences(one, two)
    assert 'decoding {"temperature": 0.0} here, {"temperature": null} there' in told


def test_other_weights_are_told(tmp_path: Path) -> None:
    one, two = answers(tmp_path / "1.jsonl", SETTINGS), answers(tmp_path / "2.jsonl", SETTINGS, weights="other")
    assert "models" in differences(one, two)[0]


def test_files_without_receipts_are_named(tmp_path: Path) -> None:
    one, bare = answers(tmp_path / "one.jsonl", SETTINGS), answers(tmp_path / "bare.jsonl", {})
    assert str(bare) in differences(one, bare)[0] and str(bare) in differences(bare, one)[0]


def test_evaluate_says_so(tmp_path: Path) -> None:
    truth = tmp_path / "mine.jsonl"
    truth.write_text('{"vid": "a", "query": "a dog", "duration": 20, "relevant_windows": [[1, 9]]}\n')
    one, two = answers(tmp_path / "1.jsonl", SETTINGS), answers(tmp_path / "2.jsonl", SETTINGS | {"fps": 1.0})
    with pytest.warns(UserWarning, match=r"not comparable with .*2\.jsonl: fps 2\.0 here, 1\.0 there"):
        report = Evaluate.of(predictions=one, benchmark=str(truth), against=two).run()
    assert report.notes[0].startswith("not comparable")
    with pytest.raises(InputError, match="only a file of answers"):
        Evaluate.of(predictions=[{"qid": 1, "windows": []}], benchmark=str(truth), against=two).run()
