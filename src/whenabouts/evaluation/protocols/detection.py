"""mAP of temporal action localisation over classes (`metrics.tal`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from whenabouts.benchmarks.example import Example, Task
from whenabouts.evaluation.predictions import read_detections
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.report import Report
from whenabouts.evaluation.submission import Submission
from whenabouts.files.records import read_json
from whenabouts.metrics import tal

__all__ = ["DetectionProtocol", "database"]


@dataclass(frozen=True)
class DetectionProtocol(EvaluationProtocol):
    """mAP as one of the official evaluators, a key of `metrics.instances.VARIANTS`, has it.

    recall_at: multiples k of the number of instances, for Recall@kx.
    rank_at:   the same for Rank kx of Ego4D's moment queries, on `retrieve_results` where the predictions have them.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("TAL",)

    evaluator: str = "anet"
    recall_at: tuple[int, ...] = ()
    rank_at: tuple[int, ...] = ()

    def in_place_of(self, protocol: EvaluationProtocol) -> DetectionProtocol:
        """The evaluator at the thresholds, and with the further figures, of the other protocol."""
        further = protocol if isinstance(protocol, DetectionProtocol) else self
        same = replace(self, recall_at=further.recall_at, rank_at=further.rank_at)
        return replace(same, name=protocol.name, thresholds=protocol.thresholds)

    def evaluate(self, submission: Submission) -> Report:
        """The official figures, which are fractions; the scores are percentages."""
        figures = self._figures(submission)
        scores = {name: 100 * value for name, value in figures.items()}
        return self.report(submission, scores, figures, evaluator=self.evaluator)

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        tious = f"{self.thresholds[0]:g} … {self.thresholds[-1]:g}"
        return table_row(f"mAP, one to one, {self.evaluator}", ranks="all", tIoU=tious, no_answer="lowers recall")

    def _figures(self, submission: Submission) -> dict[str, Any]:
        strict = submission.strict
        truths, subset = database(submission)
        found = read_detections(submission.predictions, nan=strict)
        same: dict[str, Any] = {"subset": subset, "strict_official": strict, "prefixes": submission.prefixes}
        with submission.official_crashes():
            figures = tal.evaluate(
                found, truths, variant=self.evaluator, tious=self.thresholds, recall_at=self.recall_at, **same
            )
            if self.rank_at:
                retrieved = {"results": found.get("retrieve_results", found["results"])}
                figures |= tal.evaluate_ranks(retrieved, truths, ranks=self.rank_at, **same)
        return dict(figures)


def database(submission: Submission) -> tuple[dict[str, Any], str | None]:
    """The annotations in the form of the ActivityNet toolkit, and the name of the subset to take.

    Raises AnnotationError.
    """
    examples = submission.examples  # raises AnnotationError for other files
    truths = read_json(submission.truth, nan=submission.strict)
    if "database" not in truths:
        truths = _as_database(examples)
    subsets = {entry.get("subset") for entry in truths["database"].values()}
    return truths, next((s for s in submission.dataset.subsets.get(submission.split, ()) if s in subsets), None)


def _as_database(examples: Sequence[Example]) -> dict[str, Any]:
    videos: dict[str, Any] = {}
    for e in examples:
        entry = videos.setdefault(e.video, {"annotations": []})
        entry["annotations"] += [{"label": e.query, "segment": window} for window in e.windows.tolist()]
    return {"database": videos}
