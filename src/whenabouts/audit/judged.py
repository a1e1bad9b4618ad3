"""`Judged`: the answers of one system beside the truth, with a score for every query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.predictions import Source, read_answers, read_by_query
from whenabouts.evaluation.report import RankedReport, Report
from whenabouts.rewards.parse import Parser

__all__ = ["Judged", "judge"]

Windows = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Answers on a split.

    name:     of the system: the file's, if nothing better is known
    official: under the protocol that was asked for; `report` has one value per query for each of its figures, and is
              about the first window where the official figures are about all of them
    windows:  (N, 2) [start, end] in seconds by qid, best first, as they were claimed and before any suppression;
              no rows where the system declined, no entry where no answer could be read
    regions:  (K, 2) by qid, what a search looked at, where the answers say so
    """

    name: str
    official: Report
    report: RankedReport
    windows: Mapping[str | int, Windows] = field(repr=False)
    regions: Mapping[str | int, Windows] = field(repr=False)

    @property
    def examples(self) -> Sequence[Example]:
        """The queries that count, in the order of `report.per_query`."""
        return self.report.examples

    @cached_property
    def train(self) -> Sequence[Example]:
        """The annotations of the training split, none where they are not at hand."""
        return self.report.train()


def judge(
    predictions: Source, benchmark: str | Path | Dataset, truth: Path | None = None, *, name: str = "", **options: Any
) -> Judged:
    """Read and score answers; `options` are those of `evaluation.evaluate.evaluate`.

    Raises AnnotationError naming file, row and field, and InputError where a benchmark has no windows to rank.
    """
    official = evaluate(predictions, benchmark, truth, **options)
    report = official if isinstance(official, RankedReport) else official.first_window and official.first_window()
    if not isinstance(report, RankedReport):
        raise InputError(f"{official.benchmark} under the protocol {official.protocol} has no moments to look into")
    windows, regions = _read(predictions, report.examples, options.get("parser"))
    return Judged(name or _name(predictions), official, report, windows, regions)


def _read(
    predictions: Source, examples: Sequence[Example], parser: Parser | None
) -> tuple[dict[str | int, Windows], dict[str | int, Windows]]:
    answers = read_answers(predictions, examples, parser)
    try:
        rows = read_by_query(predictions, examples)
    except AnnotationError:  # formats whose answers are windows and nothing more
        rows = {}
    failed = {qid for qid, row in rows.items() if row.get("failure")}
    windows = {qid: _table(found) for qid, found in answers.items() if qid not in failed}
    regions = {qid: _table(row["shortlist"]) for qid, row in rows.items() if row.get("shortlist") is not None}
    return windows, regions


def _table(windows: Any) -> Windows:
    return np.array([window[:2] for window in windows], dtype=np.float64).reshape(-1, 2)


def _name(predictions: Source) -> str:
    return predictions.stem if isinstance(predictions, Path) else "answers"
