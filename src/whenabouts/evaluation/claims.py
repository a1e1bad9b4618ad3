"""What answers say of queries that may not happen.

A query "does not happen" according to an answer with no window (`"pred_relevant_windows": []`), and according to one
whose `presence`, the stated probability that it happens, is below 0.3, as `Prediction.absent` has it. A query without
an answer, or with one that failed, is no such answer: it counts as wrong. With a parser, an answer without an interval
says that the query does not happen.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.predictions import read_confidences
from whenabouts.evaluation.submission import Submission
from whenabouts.metrics.matching import PairIoU, hull_iou
from whenabouts.prediction import ABSENT

__all__ = ["Claim", "Outcomes", "outcomes", "read_claims"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What was answered to one query.

    window:   [start, end] in seconds of the first moment; None where nothing was found
    score:    of that moment, any scale; presence: the probability, in [0, 1], that the query happens
    given:    whether there is an answer at all
    """

    window: tuple[float, float] | None = None
    score: float | None = None
    presence: float | None = None
    given: bool = True

    @property
    def says(self) -> bool:
        """Whether the query happens, according to the answer."""
        return self.window is not None and not (self.presence is not None and self.presence < ABSENT)


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Answers to Q queries beside what is so; a query without an answer is answered wrongly.

    happens:    (Q,) bool, whether the query does; says: (Q,) bool, according to the answer
    iou:        (Q,) of the first window with the best fitting true window; 0 where one of them is missing
    confidence: (Q,) that it happens, of any scale, -inf below all; basis: "presence", "score" or, where there are
                neither, "answer"
    """

    happens: NDArray[np.bool_]
    says: NDArray[np.bool_]
    iou: NDArray[np.float64]
    confidence: NDArray[np.float64]
    basis: str


def read_claims(submission: Submission) -> list[Claim]:
    """One claim per annotation, in their order. Raises AnnotationError naming file and row."""
    examples = submission.examples
    answers, told = submission.claimed(), read_confidences(submission.predictions, examples, nan=submission.strict)
    claims = []
    for e in examples:
        windows, (score, presence, failure) = answers.get(e.qid), told.get(e.qid, (None, None, False))
        given = windows is not None and not failure
        window = (windows[0][0], windows[0][1]) if windows else None
        if window and not window[0] < window[1] and submission.parser is None and not submission.strict:
            what = f"qid {e.qid!r}, window 1: {list(window)} is inverted, empty or not a number"
            raise AnnotationError(f"{submission.prefixes[0]}{what}")
        claims.append(Claim(window, score if windows else None, presence, given))
    _warn(claims)
    return claims


def outcomes(examples: Sequence[Example], claims: Sequence[Claim], iou: PairIoU = hull_iou) -> Outcomes:
    """The claims beside the annotations of the same queries, in the same order."""
    happens = np.array([len(e.windows) > 0 for e in examples], bool)
    given = np.array([claim.given for claim in claims], bool)
    overlap = np.zeros(len(examples))
    for i, (e, claim) in enumerate(zip(examples, claims, strict=True)):
        if claim.window is not None and claim.window[0] < claim.window[1] and happens[i] and claim.given:
            overlap[i] = iou(np.broadcast_to(np.array(claim.window), e.windows.shape), e.windows).max()
    basis, confidence = _confidence([claim for claim in claims if claim.given])
    known = np.where(happens, 0.0 if basis == "presence" else -math.inf, 1.0 if basis == "presence" else math.inf)
    known[given] = confidence
    says = np.where(given, [claim.says for claim in claims], ~happens)
    return Outcomes(happens, says.astype(bool), overlap, known, basis)


def _confidence(claims: Sequence[Claim]) -> tuple[str, list[float]]:
    stated = any(claim.presence is not None for claim in claims)
    if stated and all(claim.presence is not None or claim.window is None for claim in claims):
        return "presence", [claim.presence or 0.0 for claim in claims]
    if all(claim.score is not None or claim.window is None for claim in claims):
        return "score", [-math.inf if claim.score is None else claim.score for claim in claims]
    return "answer", [float(claim.says) for claim in claims]


def _warn(claims: Sequence[Claim]) -> None:
    missing = sum(not claim.given for claim in claims)
    doubted = sum(claim.given and claim.window is not None and not claim.says for claim in claims)
    silent = sum(c.given and c.window is None and c.presence is not None and c.presence >= ABSENT for c in claims)
    shown = [claim for claim in claims if claim.given and claim.window is not None]
    unsaid = sum(claim.presence is None for claim in shown)
    if silent:
        told = f"{silent} answers have no window but a presence of {ABSENT:g} or more: that counts as a refusal"
        warnings.warn(told, stacklevel=3)
    if unsaid and any(claim.given and claim.presence is not None for claim in claims):
        told = (
            f"{unsaid} of {len(shown)} answers with windows state no presence: that of others is no confidence either"
        )
        warnings.warn(f"{told}, and ECE and Brier are not measured", stacklevel=3)
    if missing:
        one = "1 query has no answer and counts as wrong about whether it happens"
        told = one if missing == 1 else f"{missing} queries have no answer and count as wrong about whether they happen"
        warnings.warn(told, stacklevel=3)
    if doubted:
        told = f"{doubted} answers with windows have a presence below {ABSENT:g} and say that the query does not happen"
        warnings.warn(told, stacklevel=3)
