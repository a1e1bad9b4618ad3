"""Which moments are handed on to other programs: by default, none that the tool itself calls absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from whenabouts.prediction import Prediction

__all__ = ["Only", "chosen", "told"]

Only = Literal["likely", "confirmed", "all"]
KEPT = {"likely": ("confirmed", "likely"), "confirmed": ("confirmed",), "all": ("confirmed", "likely", "unlikely")}


def chosen(predictions: Sequence[Prediction], only: Only) -> list[Prediction]:
    """The predictions, without the moments that `only` leaves out.

    likely: those that a person marked, and those of queries that a model does not call absent
    confirmed: those that a person marked
    all: also the nearest moments of queries that are probably not in the video

    >>> from whenabouts import Moment
    >>> absent = Prediction("a dog", (Moment(1, 2),), 9.0, presence=0.1)
    >>> [len(chosen([absent], only)[0].moments) for only in ("likely", "all")]
    [0, 1]
    """
    return [each if each.status in KEPT[only] else replace(each, moments=()) for each in predictions]


def told(predictions: Sequence[Prediction], only: Only) -> list[str]:
    """A sentence if `only` leaves nothing of what was found."""
    found = sum(len(each.moments) for each in predictions)
    if not found or any(each.moments for each in chosen(predictions, only)):
        return []
    why = "no moment was confirmed by a person" if only == "confirmed" else "the queries are probably not in this video"
    return [f"none of the {found} moments was taken: {why}"]
