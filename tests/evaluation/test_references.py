"""Answers scored against several people's opinions, beside the annotations and beside people."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.benchmarks import dataset
from whenabouts.errors import InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.report import RankedReport


def test_a_constant_window_against_the_published_references(data: Path) -> None:
    # nearest_neighbor_metric of mayu-ot/hidden-challenges-MR, "Multi-ref metric", run on this window: 29.70
    examples = dataset("charades-sta").load(data).examples
    answers = {str(e.qid): [[0.0, 0.3 * (e.duration or 0)]] for e in examples}
    report = evaluate(answers, "charades-sta", data, references=[data / "otani2020" / "charades"])
    assert isinstance(report, RankedReport)
    found = report.references
    assert found is not None
    assert (found.queries, found.opinions) == (1000, 5000)
    assert found.scores["R_mr@0.5"].mean == pytest.approx(29.7)
    assert found.people["R_mr@0.5"].mean == pytest.approx(83.48)
    assert found.scores["R_mr@0.5"].low < 29.7 < found.scores["R_mr@0.5"].high
    assert "R_mr@0.5" in report.table()
    assert report.to_dict()["references"]["queries"] == 1000


def test_figures_without_moments_are_not_held_to_references(data: Path) -> None:
    folder = data / "thumos14"
    with pytest.raises(InputError):
        evaluate(
            folder / "synthetic_predictions.json",
            "thumos14",
            folder / "ground_truth.json",
            references=[data / "otani2020"],
        )
