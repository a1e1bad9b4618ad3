"""`AbsenceProtocol`: what scores queries some of which do not happen; `PresenceProtocol`: all our own figures of it."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example, Task
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.absence_report import AbsenceReport
from whenabouts.evaluation.claims import Claim, Outcomes, outcomes, read_claims
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.submission import Submission
from whenabouts.evaluation.trivial import trivial_claims
from whenabouts.metrics.calibration import brier, ece
from whenabouts.metrics.presence import auroc, fpr_at_tpr, rejection_f1
from whenabouts.metrics.relevance import confusion, ra_iou
from whenabouts.metrics.selective import accuracy_at_coverage, aurc, e_aurc

__all__ = ["AbsenceProtocol", "PresenceProtocol", "ranking_scores"]

Measured = tuple[dict[str, float], dict[str, Any]]
HIT = 0.5  # IoU of a window that is right
COVERAGE = 0.8  # share of the surest answers that are given


class AbsenceProtocol(EvaluationProtocol):
    """Scores of claims, beside those of trivial ones; see `evaluation.claims` for what says that nothing happens."""

    tasks: ClassVar[tuple[Task, ...]] = ("TSG", "MR")
    official: ClassVar[bool] = False  # whether `strict` measures what official code prints
    rule: ClassVar[str] = ""  # by what an answer rejects, where it is not what the answer says

    @abstractmethod
    def measure(self, examples: Sequence[Example], claims: Sequence[Claim], *, strict: bool = False) -> Measured:
        """Scores in per cent, and details; `strict` follows official code through bad input."""

    def accepted(self, found: Outcomes) -> NDArray[np.bool_]:
        """(Q,) whether a query is taken to happen, under the rule of the scores."""
        return found.says

    def evaluate(self, submission: Submission) -> AbsenceReport:
        """The scores, with those of trivial answers. Raises AnnotationError, OfficialCrash."""
        examples = [e for e in submission.examples if len(e.windows) or e.absent is not None]
        if unknown := len(submission.examples) - len(examples):
            warnings.warn(f"{unknown} queries have no annotation whether they happen and are not scored", stacklevel=2)
        if not examples:
            raise AnnotationError(f"{submission.truth}: no query of the split {submission.split} is annotated")
        kept = {id(e) for e in examples}
        claims = [c for e, c in zip(submission.examples, read_claims(submission), strict=True) if id(e) in kept]
        with submission.predictions_at_fault(), submission.official_crashes():
            scores, details = self.measure(examples, claims, strict=submission.strict)
        return AbsenceReport(
            dataset=submission.dataset,
            split=submission.split,
            protocol=self.name,
            source=self.source,
            scores=scores,
            figures=details if self.official and submission.strict else None,
            details=details,
            examples=tuple(examples),
            says=self.accepted(outcomes(examples, claims)),
            rule=self.rule,
            trivial=lambda: {
                name: self.measure(examples, made)[0]
                for name, made in trivial_claims(examples, submission.training_examples).items()
            },
        )


@dataclass(frozen=True)
class PresenceProtocol(AbsenceProtocol):
    """What the confidence of answers is worth, and what is right when those are believed that say nothing happens.

    accuracy, rejected, accepted: whether the answer is right about whether the query happens, of all queries, of those
    that do not, of those that do; RA-R1 and RA-mIoU pay 1 for a right "does not happen" (`metrics.relevance`). Where
    the windows' scores or `presence` are known, AUROC, FPR@95 and AURC rank by them; ECE and Brier need `presence`.
    """

    thresholds: tuple[float, ...] = (0.3, 0.5, 0.7)

    def measure(self, examples: Sequence[Example], claims: Sequence[Claim], *, strict: bool = False) -> Measured:
        """Scores in per cent; there is no official code."""
        found = outcomes(examples, claims)
        counts, paid = confusion(found.says, found.happens), ra_iou(found.iou, found.says, found.happens)
        scores = {
            "accuracy": counts.accuracy,
            "rejected": counts.of_absence.recall,
            "accepted": counts.recall,
            "rejection F1": rejection_f1(~found.says, found.happens),
            **{f"RA-R1@{t}": float((paid >= t).mean()) for t in self.thresholds},
            "RA-mIoU": float(paid.mean()),
        }
        scores |= ranking_scores(found)
        return {name: 100 * value for name, value in scores.items()}, {"confidence": found.basis, **counts._asdict()}

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        tious = ", ".join(f"{t:g}" for t in self.thresholds)
        return table_row("hull IoU >=", ranks="1", tIoU=tious, no_answer="right where it does not happen")


def ranking_scores(found: Outcomes) -> dict[str, float]:
    """Fractions that follow from confidences; without a query of both kinds, or without confidences, fewer."""
    if np.isnan(found.confidence).any():  # which only `strict_official` lets in
        return {}
    if found.basis == "answer" or found.happens.all() or not found.happens.any():
        return {}
    right = found.happens & (found.iou >= HIT)
    scores = {
        "AUROC": auroc(found.confidence, found.happens),
        "FPR@95": fpr_at_tpr(found.confidence, found.happens),
        "AURC": aurc(found.confidence, right),
        "E-AURC": e_aurc(found.confidence, right),
        f"right at {100 * COVERAGE:.0f} % coverage": accuracy_at_coverage(found.confidence, right, COVERAGE),
    }
    if found.basis == "presence":
        sure = np.clip(found.confidence, 0.0, 1.0)
        scores |= {"ECE": ece(sure, found.happens), "Brier": brier(sure, found.happens)}
    return scores
