"""`Judged`: the answers of one system beside the truth, with a score for every query."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.blind.constant import best_constant
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.predictions import Source, log_task, read_answers, read_by_query
from whenabouts.evaluation.report import RankedReport, Report
from whenabouts.evaluation.submission import Submission, up_to_the_first_broken
from whenabouts.files.reading import reading_once
from whenabouts.files.records import Row
from whenabouts.prediction import ABSENT
from whenabouts.rewards.parse import Parser, read

__all__ = ["Judged", "judge"]

Windows = NDArray[np.float64]
DECLINES = Parser("declines", lambda words: [[0.0, 1.0]] if read(words).absent else [])  # a window where words decline


@dataclass(frozen=True)
class Judged:
    """Answers on a split.

    name:     of the system: the file's, if nothing better is known
    official: under the protocol that was asked for; `report` has one value per query for each of its figures, and is
              about the first window where the official figures are about all of them
    windows:  (N, 2) [start, end] in seconds by qid, best first, as they were claimed and before any suppression;
              no rows where the system declined, no entry where no answer could be read
    regions:  (K, 2) by qid, what a search looked at, where the answers say so
    absent:   the queries that people say do not happen, whose answers are among `windows` too
    doubted:  qids of answers that give windows and say with `presence` that the query does not happen
    """

    name: str
    official: Report
    report: RankedReport
    windows: Mapping[str | int, Windows] = field(repr=False)
    regions: Mapping[str | int, Windows] = field(repr=False)
    absent: Sequence[Example] = field(default=(), repr=False)
    doubted: frozenset[str | int] = field(default=frozenset(), repr=False)

    @property
    def examples(self) -> Sequence[Example]:
        """The queries that count, in the order of `report.per_query`."""
        return self.report.examples

    @cached_property
    def train(self) -> Sequence[Example]:
        """The annotations of the training split, none where they are not at hand."""
        return self.report.train()

    @cached_property
    def constant(self) -> tuple[float, float] | None:
        """The window, in shares of a video, that is right most often in the training split; None without one."""
        known = any(e.duration and len(e.windows) for e in self.train)
        return best_constant(self.train) if known else None


@reading_once()
def judge(
    predictions: Source, benchmark: str | Path | Dataset, truth: Path | None = None, *, name: str = "", **options: Any
) -> Judged:
    """Read and score answers; `options` are those of `evaluation.evaluate.evaluate`.

    Raises AnnotationError naming file, row and field, and InputError where a benchmark has no windows to rank.
    """
    described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
    described = replace(described, read=cache(described.read))
    official = evaluate(predictions, described, truth, **options)
    report = official if isinstance(official, RankedReport) else official.first_window and official.first_window()
    if not isinstance(report, RankedReport):
        raise InputError(f"{official.benchmark} under the protocol {official.protocol} has no moments to look into")
    path = described.find(truth, official.split)
    submission = Submission(predictions, described, official.split, path, parser=options.get("parser"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `evaluate` has told them
        windows, rows = _read(submission)
    regions = {qid: _regions(row) for qid, row in rows.items() if row.get("shortlist") is not None}
    doubted = frozenset(qid for qid, row in rows.items() if _sure(row.get("presence")) < ABSENT and len(windows[qid]))
    absent = tuple(e for e in submission.examples if e.absent is not None)
    return Judged(name or _name(predictions), official, report, windows, regions, absent, doubted)


def _read(submission: Submission) -> tuple[dict[str | int, Windows], dict[str | int, Row]]:
    """Windows, and the rows that have them, where there are more than windows; both only of answers that were read."""
    source, examples, claimed = submission.predictions, submission.examples, submission.claimed()
    answers: Mapping[str | int, Any] = claimed
    unread: set[str | int] = set()
    rows: dict[str | int, Row] = {}
    if submission.parser is None and log_task(source) is None:
        try:
            rows = read_by_query(source, examples)
        except AnnotationError:  # formats whose answers are windows and nothing more
            rows = {}
        unread |= {qid for qid, row in rows.items() if row.get("failure")}
    else:
        declined, answers = read_answers(source, examples, DECLINES), up_to_the_first_broken(claimed)
        unread = {qid for qid, windows in claimed.items() if windows and not answers[qid]}  # the first is none
        unread |= {qid for qid, windows in claimed.items() if not windows and not declined.get(qid)}
    windows = {qid: _table(found) for qid, found in answers.items() if qid not in unread}
    return windows, {qid: row for qid, row in rows.items() if qid in windows}


def _table(windows: Any) -> Windows:
    return np.array([window[:2] for window in windows], dtype=np.float64).reshape(-1, 2)


def _regions(row: Row) -> Windows:
    try:
        return _table(row["shortlist"])
    except (IndexError, TypeError, ValueError):
        raise AnnotationError(f"{row.where}: the field shortlist must be a list of [start, end] in seconds") from None


def _sure(presence: Any) -> float:
    return float(presence) if isinstance(presence, int | float) else 1.0


def _name(predictions: Source) -> str:
    return predictions.stem if isinstance(predictions, Path) else "answers"
