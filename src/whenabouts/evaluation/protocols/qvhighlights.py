"""Moments and clip ratings together, as the four evaluators of QVHighlights score them (`metrics.qvhighlights`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from whenabouts.benchmarks.example import Example, Task
from whenabouts.evaluation.completed import completed, with_own_qids
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.protocols.ranked import RankedProtocol
from whenabouts.evaluation.report import Answers, RankedReport, Report, collected_notes
from whenabouts.evaluation.submission import Submission, up_to_the_first_broken
from whenabouts.evaluation.suspicions import warn_of_suspicions
from whenabouts.files.records import read_lines
from whenabouts.metrics import qvhighlights
from whenabouts.metrics.qvhighlights_per_query import per_query

__all__ = ["QVHighlightsProtocol"]

Rows = Sequence[Mapping[str, Any]]

FIRST_WINDOW = RankedProtocol("top-1", "first window in file order, best-fitting moment")
OTHER_FORMATS = (".json", ".txt")  # of annotations; all else is JSON Lines, which official code reads row by row


@dataclass(frozen=True)
class QVHighlightsProtocol(EvaluationProtocol):
    """The dictionary of one of the four evaluators, a key of `metrics.qvhighlights.DIALECTS`."""

    tasks: ClassVar[tuple[Task, ...]] = ("MR", "TSG")

    evaluator: str = "moment_detr"

    def evaluate(self, submission: Submission) -> Report:
        """The official figures and, where moments are predicted, a report on the first window of each query."""
        rows, truths = self._rows(submission)
        figures = self._figures(submission, rows, truths)
        brief: dict[str, float] = figures["brief"]
        moments = any(name.startswith("MR-") for name in brief) and not submission.strict
        first_window = cache(lambda: _first_window(submission)) if moments else None
        means_over = None if submission.strict else lambda: per_query(rows, truths, dialect=self.evaluator)
        blind = (lambda: self._blind(first_window().blind_answers, truths)) if first_window else None
        more = {"evaluator": self.evaluator, "first_window": first_window, "means_over": means_over}
        return self.report(submission, brief, figures, blind_scores=blind, **more)

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        return table_row("`metrics.qvhighlights`", no_answer="a miss; `--strict-official`: refused")

    def _blind(self, baselines: Mapping[str, Answers], truths: Rows) -> dict[str, dict[str, float]]:
        """The figures about moments of blind baselines that answer every query; others are refused officially."""
        found = {}
        for name, answers in baselines.items():
            if len(answers) == len(truths):
                rows = [{"qid": qid, "pred_relevant_windows": _scored(windows)} for qid, windows in answers.items()]
                brief = qvhighlights.evaluate(rows, truths, dialect=self.evaluator)["brief"]
                found[name] = {metric: value for metric, value in brief.items() if metric.startswith("MR-")}
        return found

    def _rows(self, submission: Submission) -> tuple[Rows, Rows]:
        strict = submission.strict
        rows = submission.rows()
        if strict and submission.truth.suffix not in OTHER_FORMATS:
            truths = [row.data for row in read_lines(submission.truth, nan=True, empty=True)]
        else:
            truths = [_as_row(e) for e in submission.examples]
        if strict:
            return [row.data for row in rows], truths
        for row in rows:
            row.name("qid")
            if row.get("pred_saliency_scores"):
                row.numbers("pred_saliency_scores")
        own = with_own_qids([row.data for row in rows], submission.examples)
        if all(e.saliency is None for e in submission.examples) and any("pred_relevant_windows" in row for row in own):
            own = [{key: value for key, value in row.items() if key != "pred_saliency_scores"} for row in own]
        warn_of_suspicions(own, submission.examples)
        return completed(own, submission.examples), truths

    def _figures(self, submission: Submission, rows: Rows, truths: Rows) -> dict[str, Any]:
        with submission.official_crashes():
            return qvhighlights.evaluate(
                rows, truths, dialect=self.evaluator, strict_official=submission.strict, prefixes=submission.prefixes
            )


def _first_window(submission: Submission) -> RankedReport:
    with collected_notes() as notes:
        first = {qid: windows[:1] for qid, windows in submission.answers().items()}
        report = FIRST_WINDOW.evaluate_answers(up_to_the_first_broken(first), submission)
    return replace(report, notes=tuple(notes))


def _scored(windows: Any) -> list[list[float]]:
    """Windows with scores that keep their order."""
    return [[float(start), float(end), 1 - rank / 100] for rank, (start, end) in enumerate(windows)]


def _as_row(e: Example) -> dict[str, Any]:
    row = {"qid": e.qid, "query": e.query, "vid": e.video, "duration": e.duration}
    if e.clip_ids is not None and e.saliency is not None:
        row |= {"relevant_clip_ids": e.clip_ids.tolist(), "saliency_scores": e.saliency.tolist()}
    return row | {"relevant_windows": e.windows.tolist()}
