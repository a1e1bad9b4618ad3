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
        are = "1 query is on a video" if unknown == 1 else f"{unknown} queries are on videos"
        yield f"{are} of unknown duration: hedges and prior copies are not told there"
    if empty := int((facts.length <= 0).sum()):
        have = "1 query has" if empty == 1 else f"{empty} queries have"
        yield f"{have} a true moment without length, which no answer can hit"
    if judged.cut:
        have = "1 query has" if judged.cut == 1 else f"{judged.cut} queries have"
        yield f"{have} a true moment that ends after its video, where the protocol cuts it: an answer may not be cut"
    if not (facts.looked >= 0).any():
        yield "the answers list no regions of a search, so the distance tells a search that failed from a near miss"
    if (why := untold(judged)) is not None:
        yield why
    if doubted := sum(e.qid in judged.doubted for e in facts.examples):
        say = "1 answer says" if doubted == 1 else f"{doubted} answers say"
        yield f"{say} that the query does not happen and with windows when it does; the windows count"
    if (videos := len({e.video for e in facts.examples})) == 1:
        yield "all queries are on one video, from which nothing follows: intervals are the whole range"
    elif videos < FEW:
        yield f"intervals over {videos} videos say little"


FEW = 10
