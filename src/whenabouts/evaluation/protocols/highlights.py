"""Highlight detection: ratings of clips alone, by domain (`metrics.highlights`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from whenabouts.benchmarks.example import Task
from whenabouts.evaluation.completed import with_own_qids
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.report import Report
from whenabouts.evaluation.submission import Submission
from whenabouts.files.records import read_lines

__all__ = ["HighlightProtocol"]

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class HighlightProtocol(EvaluationProtocol):
    """Average precision of ranked clips: `measure` takes rows of predictions and of annotations."""

    tasks: ClassVar[tuple[Task, ...]] = ("HL",)

    measure: Callable[[Rows, Rows], dict[str, float]] = field(kw_only=True)

    def evaluate(self, submission: Submission) -> Report:
        """Percentages by domain, and their mean."""
        _ = submission.examples  # raises AnnotationError for other files
        given = submission.rows()
        for row in given:
            row.name("qid")
            row.numbers("pred_saliency_scores")
        rows = given if submission.strict else with_own_qids([row.data for row in given], submission.examples)
        with submission.predictions_at_fault(), submission.official_crashes():
            figures = self.measure(rows, read_lines(submission.truth))
        return self.report(submission, figures, figures)

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        return table_row("`metrics.highlights`", no_answer="refused")
