"""NA-VMR: negatives are rejected by a threshold on the score of the first window (`metrics.rejection`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.claims import Claim, Outcomes, outcomes
from whenabouts.evaluation.protocols.absence import AbsenceProtocol, Measured, ranking_scores
from whenabouts.evaluation.protocols.protocol import table_row
from whenabouts.metrics.rejection import THRESHOLDS, official_curves, rejection

__all__ = ["NAVMRProtocol"]

HIT = 0.5  # IoU above which a window is right
AT = 0.5  # the threshold of the scores; figures have all others


@dataclass(frozen=True)
class NAVMRProtocol(AbsenceProtocol):
    """Shares of negatives rejected, positives accepted, and positives still found, by the threshold.

    The confidence is `presence`, where all answers have it, else the first window's score; an answer without windows
    is below every threshold. With `strict_official` the figures are the lists of the authors' script, which knows
    only scores, counts a window in the wrong place as a rejection and always divides by 1550.
    """

    official: ClassVar[bool] = True
    rule: ClassVar[str] = f" at {AT:g}"

    def accepted(self, found: Outcomes) -> NDArray[np.bool_]:
        """By the threshold 0.5, whatever the answer says."""
        return found.confidence >= AT

    def measure(self, examples: Sequence[Example], claims: Sequence[Claim], *, strict: bool = False) -> Measured:
        """Scores at the threshold 0.5, and the details at all thresholds."""
        found = outcomes(examples, claims)
        if found.basis == "answer":
            raise AnnotationError(f"{self.name} needs [start, end, score] in pred_relevant_windows, or a presence")
        hits = found.iou > HIT
        rows = [{"threshold": t, **rejection(found.confidence, found.happens, hits, t)} for t in THRESHOLDS]
        at = rejection(found.confidence, found.happens, hits, AT)
        scores = {
            f"rejected at {AT:g}": at["rejected"],
            f"accepted at {AT:g}": at["accepted"],
            f"R1@{HIT:g} at {AT:g}": at["recall"],
            f"R1@{HIT:g} without rejection": float(hits[found.happens].mean()) if found.happens.any() else 0.0,
        }
        scores |= ranking_scores(found)
        figures = _official(examples, claims) if strict else {"confidence": found.basis, "thresholds": rows}
        return {name: 100 * value for name, value in scores.items()}, figures

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        return table_row("hull IoU >", ranks="1", tIoU=f"{HIT:g}", no_answer="rejected at every threshold")


def _official(examples: Sequence[Example], claims: Sequence[Claim]) -> dict[str, list[float]]:
    for e, claim in zip(examples, claims, strict=True):
        if claim.window is None or claim.score is None:
            raise AnnotationError(f"qid {e.qid!r} has no window with a score; the official script needs one")
    windows = np.array([claim.window for claim in claims])
    return {
        "threshold": list(THRESHOLDS),
        **official_curves(windows, [claim.score or 0.0 for claim in claims], [e.windows for e in examples]),
    }
