"""The values of single queries make the official figures of QVHighlights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.metrics.qvhighlights import DIALECTS, evaluate
from whenabouts.metrics.qvhighlights_per_query import per_query


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_headline_figure_is_the_mean_of_its_queries(data: Path, dialect: str) -> None:
    folder = data / "qvhighlights"
    truth, submission = (
        [json.loads(line) for line in (folder / name).read_text().splitlines()]
        for name in ("highlight_val_release.jsonl", "qd_detr_val_preds.jsonl")
    )
    qids, values = per_query(submission, truth, dialect=dialect)
    assert qids == [row["qid"] for row in submission]
    official = evaluate(submission, truth, dialect=dialect)["brief"]
    assert {name: float(f"{100 * np.nanmean(column):.2f}") for name, column in values.items()} == official
