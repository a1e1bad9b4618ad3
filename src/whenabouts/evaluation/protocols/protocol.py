"""`EvaluationProtocol`: what exactly a published number means, as a value one can read, print and run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from whenabouts.benchmarks.example import Task
from whenabouts.evaluation.report import Report
from whenabouts.evaluation.submission import Submission

__all__ = ["EvaluationProtocol", "table_row"]


@dataclass(frozen=True)
class EvaluationProtocol(ABC):
    """Reads predictions and annotations as it needs them, and scores them.

    name, source: what it is called, and the code or paper that it follows.
    thresholds:   tIoU from which a window is right, where they can be chosen.
    tasks:        of the data sets that it can score.
    """

    name: str
    source: str
    thresholds: tuple[float, ...] = ()
    tasks: ClassVar[tuple[Task, ...]]

    def in_place_of(self, protocol: EvaluationProtocol) -> EvaluationProtocol:
        """As an official evaluator: the same for a data set of another protocol, under the name of that protocol."""
        return replace(self, name=protocol.name)

    @abstractmethod
    def evaluate(self, submission: Submission) -> Report:
        """The scores. Raises AnnotationError naming the file at fault, and the row and field or the qid."""

    def report(
        self, submission: Submission, scores: Mapping[str, float], figures: dict[str, Any], **more: Any
    ) -> Report:
        """A report of this protocol: `scores` in percent, and the official evaluator's own `figures`."""
        about: dict[str, Any] = {"dataset": submission.dataset, "split": submission.split}
        return Report(**about, protocol=self.name, source=self.source, scores=dict(scores), figures=figures, **more)

    @abstractmethod
    def rules(self) -> dict[str, str]:
        """What decides its scores, in a few words each: a row of the table of protocols in the documentation."""


def table_row(hit: str, **others: str) -> dict[str, str]:
    """A row of that table; what does not apply is a dash."""
    columns = ("ranks", "tIoU", "before counting", "no answer", "inverted answer", "parser")
    return {"hit": hit} | {name: others.get(name.replace(" ", "_"), "–") for name in columns}
