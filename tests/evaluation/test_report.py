"""A report agrees with its protocol, and what stands beside the scores is right."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from whenabouts.benchmarks import Example
from whenabouts.benchmarks.own import OWN
from whenabouts.evaluation.blind import BASELINES
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.protocols import PROTOCOLS, RankedProtocol
from whenabouts.evaluation.report import RankedReport


def example(qid: int, start: float, end: float) -> Example:
    return Example(qid, f"v{qid % 3}", "q", np.array([[start, end]]), 40.0)


EXAMPLES = [example(i, i, i + 5 + 3 * i) for i in range(6)]


def report(answers: Mapping[Any, Any], test: Sequence[Example], train: Sequence[Example] = ()) -> RankedReport:
    """Answers by qid, scored under the protocol timelens."""
    splits = {"test": list(test), "train": list(train)}
    described = dataclasses.replace(
        OWN, read=lambda _, split: splits[split], files=dict.fromkeys(splits, ()), path=Path("own.jsonl")
    )
    told = evaluate(answers, described, protocol="timelens", split="test")
    assert isinstance(told, RankedReport)
    return told


def test_scores_are_the_protocols_and_lie_in_their_intervals() -> None:
    protocol = PROTOCOLS["timelens"]
    assert isinstance(protocol, RankedProtocol)
    answers = {e.qid: e.windows + np.array([[0.0, int(e.qid)]]) for e in EXAMPLES}
    told = report(answers, EXAMPLES, EXAMPLES)
    assert told.scores == protocol.score(answers, {e.qid: e.windows for e in EXAMPLES})
    assert set(told.intervals) == set(told.scores)
    assert all(low <= told.scores[name] <= high for name, (low, high) in told.intervals.items())
    assert told.boundary is not None
    assert (told.boundary.start_mean, told.boundary.end_mean) == (0.0, 2.5)


def test_lengths_part_the_queries() -> None:
    answers = {e.qid: e.windows for e in EXAMPLES[:5]}
    with pytest.warns(UserWarning, match="1 query has no answer"):
        told = report(answers, EXAMPLES)
    assert (told.queries, told.answered) == (6, 5)
    assert [(row.low, row.high, row.queries) for row in told.by_length] == [(0.0, 10.0, 2), (10.0, 30.0, 4)]
    assert sum(row.queries * row.scores["mIoU"] for row in told.by_length) / 6 == pytest.approx(told.scores["mIoU"])


WHOLE = [Example(1, "v", "q", np.array([[0.0, 40.0]]), 40.0), Example(2, "v", "p", np.array([[10.0, 30.0]]), 40.0)]


def test_blind_baselines_stand_beside() -> None:
    told = report({1: [[0, 40]], 2: [[0, 40]]}, WHOLE, WHOLE[1:])
    assert told.blind["whole video"]["mIoU"] == told.scores["mIoU"] == 75.0
    assert {name for name, one in BASELINES.items() if one.beside} == set(told.blind)


def test_a_report_is_json_a_table_and_a_picture(tmp_path: Path) -> None:
    told = report({1: [[0, 40]], 2: [[0, 40]]}, WHOLE)
    content = json.loads(json.dumps(told.to_dict()))
    assert (content["protocol"], content["queries"], content["scores"]["mIoU"]) == ("timelens", 2, 75.0)
    row = next(line for line in told.table().splitlines() if "mIoU" in line and "–" in line)
    assert row.split()[:2] == ["mIoU", "75.00"] and row.split()[-3:] == ["75.00", "whole", "video"]
    told.plot().save(tmp_path / "scores.svg")
    picture = ElementTree.parse(tmp_path / "scores.svg").getroot()
    words = [(text.text or "").strip() for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {*told.scores, "75", "best blind baseline"} <= {*words}
