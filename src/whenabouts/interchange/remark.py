"""A remark on a moment: its status, rank and score in a few words, for formats with a place for a comment.

    unlikely, presence 0.120, rank 1, score 0.900

The presence is that of the query; it is left out where the model does not estimate it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from whenabouts.interchange.marked import Standing, as_called
from whenabouts.prediction import Prediction

__all__ = ["REMARK", "Remark", "remark", "remark_in"]

REMARK = re.compile(
    r"(?P<status>confirmed|likely|unlikely)(?:, presence (?P<presence>0\.[0-9]{3}|1\.000))?"
    r"(?:, rank (?P<rank>[0-9]{1,9}))?, score (?P<score>-?[0-9]{1,12}\.[0-9]{3})"
)


class Remark(NamedTuple):
    """What a remark says: the score of the moment, and what a `Marked` knows of the prediction."""

    score: float = 1.0
    standing: Standing = (None, None)


def remark(prediction: Prediction, rank: int) -> str:
    """The remark on a moment by its rank, from 1.

    >>> from whenabouts import Moment
    >>> remark(Prediction("a dog", (Moment(1, 2, 0.9),), 9.0, presence=0.12), 1)
    'unlikely, presence 0.120, rank 1, score 0.900'
    """
    presence = "" if prediction.presence is None else f", presence {prediction.presence:.3f}"
    return f"{prediction.status}{presence}, rank {rank}, score {prediction.moments[rank - 1].score:.3f}"


def remark_in(text: str) -> Remark:
    """The first remark in a text of another program, where people may have written around it.

    >>> remark_in("see reel 2. confirmed, rank 1, score 1.000")
    Remark(score=1.0, standing=(None, ''))
    """
    found = REMARK.search(text)
    if found is None:
        return Remark()
    presence = float(found["presence"]) if found["presence"] else None
    return Remark(float(found["score"]), as_called(found["status"], presence))
