"""DiDeMo: all segments ranked, against several opinions (`metrics.didemo`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from whenabouts.benchmarks.didemo import SEGMENT
from whenabouts.benchmarks.example import Task
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.report import Report
from whenabouts.evaluation.submission import Submission
from whenabouts.metrics import didemo

__all__ = ["DiDeMoProtocol"]


@dataclass(frozen=True)
class DiDeMoProtocol(EvaluationProtocol):
    """rank@1, rank@5 and mIoU of segments of 5 s; windows in seconds become pairs of inclusive segment numbers."""

    tasks: ClassVar[tuple[Task, ...]] = ("TSG",)

    def evaluate(self, submission: Submission) -> Report:
        """The official percentages."""
        answers, examples = submission.answers(), submission.examples
        with submission.predictions_at_fault():
            for e in examples:
                if e.qid not in answers:
                    raise AnnotationError(f"qid {e.qid!r} has no ranking; every query needs one")
            rankings = [_as_segments(answers[e.qid]) for e in examples]
            opinions = [_as_segments(e.windows.tolist()) for e in examples]
            try:
                figures = didemo.evaluate(rankings, opinions)
            except ValueError as error:
                raise AnnotationError(f"{error}; rank all segments of every query") from None
        return self.report(submission, figures, figures)

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        return table_row("`metrics.didemo`", no_answer="refused")


def _as_segments(windows: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    return [(round(start / SEGMENT), round(end / SEGMENT) - 1) for start, end in windows]
