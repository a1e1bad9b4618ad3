"""TSG-RF and RA-RFT: a right "does not happen" is an overlap of 1, a wrong one of 0 (`metrics.relevance`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.claims import Claim, outcomes
from whenabouts.evaluation.protocols.absence import AbsenceProtocol, Measured
from whenabouts.evaluation.protocols.protocol import table_row
from whenabouts.metrics.matching import hull_iou, union_iou
from whenabouts.metrics.relevance import confusion, ra_iou

__all__ = ["RelevanceProtocol"]


@dataclass(frozen=True)
class RelevanceProtocol(AbsenceProtocol):
    """R1@m and mIoU over all queries, with accuracies of relevance as one of two evaluators has them.

    form:    "tsg-rf": Acc of all queries and of those with and without an answer; truths are clamped to the video.
             "ra-rft": precision, recall and F1 of both classes, also by difficulty, and RA-IoU. Its judge, a paid
             language model, is replaced by a rule: an answer without an interval says that the query does not happen.
    parser:  the official reader of model answers, by its name.
    """

    thresholds: tuple[float, ...] = (0.3, 0.5, 0.7)
    form: Literal["tsg-rf", "ra-rft"] = "tsg-rf"
    parser: str | None = None

    def measure(self, examples: Sequence[Example], claims: Sequence[Claim], *, strict: bool = False) -> Measured:
        """Scores in per cent; the details are counts, and scores by difficulty."""
        truths = [_clamped(e) for e in examples] if self.form == "tsg-rf" else list(examples)
        found = outcomes(truths, claims, hull_iou if self.form == "tsg-rf" else union_iou)
        paid = ra_iou(found.iou, found.says, found.happens)
        levels = {
            level: np.array([(e.difficulty if e.absent is not None else "original") == level for e in examples])
            for level in sorted({e.difficulty for e in examples if e.difficulty})
        }
        by_level = {level: self._scores(found.says[at], found.happens[at], paid[at]) for level, at in levels.items()}
        counts = confusion(found.says, found.happens)
        return self._scores(found.says, found.happens, paid), {**counts._asdict(), "by_difficulty": by_level}

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        official = self.form == "tsg-rf"
        return table_row(
            f"{'hull' if official else 'union'} IoU >=",
            ranks="1",
            tIoU=", ".join(f"{t:g}" for t in self.thresholds),
            before_counting="truth clamped to the video" if official else "–",
            no_answer="right where it does not happen",
            parser=self.parser or "–",
        )

    def _scores(
        self, says: NDArray[np.bool_], happens: NDArray[np.bool_], paid: NDArray[np.float64]
    ) -> dict[str, float]:
        counts = confusion(says, happens)
        recalls = {f"R1@{t}": float((paid >= t).mean()) for t in self.thresholds} | {"mIoU": float(paid.mean())}
        if self.form == "tsg-rf":
            scores = recalls | {"Acc": counts.accuracy}
            scores |= {"Acc, happens": counts.recall, "Acc, does not": counts.of_absence.recall}
        else:
            scores = {"relevance accuracy": counts.accuracy}
            for name, one in (("relevant", counts), ("irrelevant", counts.of_absence)):
                scores |= {f"{name} P": one.precision, f"{name} R": one.recall, f"{name} F1": one.f1}
            scores |= {f"RA-{name}".replace("mIoU", "IoU"): value for name, value in recalls.items()}
        return {name: 100 * value for name, value in scores.items()}


def _clamped(e: Example) -> Example:
    if not len(e.windows) or e.duration is None:
        return e
    return replace(e, windows=np.clip(e.windows, [0.0, -np.inf], [np.inf, e.duration]))
