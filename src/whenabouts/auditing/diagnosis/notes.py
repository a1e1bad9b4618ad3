"""What a diagnosis could not look at, and what may be wrong with what it looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.auditing.portraits import untold

if TYPE_CHECKING:
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis

__all__ = ["notes"]


def notes(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Sentences, those of the evaluation first."""
    judged = diagnosis.judged
    of_evaluation = dict.fromkeys([*judged.official.notes, *judged.report.notes])
    return (*of_evaluation, *_notes(diagnosis))


def _notes(diagnosis: Diagnosis) -> Iterator[str]:
    facts, judged = diagnosis.facts, diagnosis.judged
    if not facts.prior:
        yield "prior copies are not told, for no training split is at hand: name one with --train"
    if unknown := int(np.isnan(facts.duration).sum()):
        yield f"{unknown} queries are on videos of unknown duration: hedges and prior copies are not told of them"
    if empty := int((facts.length <= 0).sum()):
        yield f"{empty} queries have a true moment without length, which no answer can hit"
    if not (facts.looked >= 0).any():
        yield "the answers list no regions of a search, so the distance tells a search that failed from a near miss"
    if (why := untold(judged)) is not None:
        yield why
    if doubted := sum(e.qid in judged.doubted for e in facts.examples):
        yield f"{doubted} answers say that the query does not happen and give windows; the windows count"
    if (single := len({e.video for e in facts.examples})) < FEW:
        yield f"intervals over {single} videos say little"


FEW = 10
