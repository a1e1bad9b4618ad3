"""Rows of a file of answers to videos: QVHighlights' fields, and what other commands read of how an answer was made."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from whenabouts.prediction import Prediction

__all__ = ["answer_row"]


def answer_row(prediction: Prediction, qid: int | str, video: str, query: str) -> dict[str, Any]:
    """One row; `query` is that of the annotations."""
    row = prediction.to_qvhighlights(qid, video) | {"query": query}
    return row | _for_calibration(prediction) | _for_diagnosis(prediction) | _as_made(prediction)


def _for_calibration(prediction: Prediction) -> dict[str, Any]:
    """How likely the query happens, where the model says so, and the length of the video: `calibrate` reads them."""
    row: dict[str, Any] = {} if prediction.presence is None else {"presence": prediction.presence}
    return row | {"duration": prediction.duration}


def _for_diagnosis(prediction: Prediction) -> dict[str, Any]:
    """What `whenabouts diagnose` and `evaluate --online` read of how an answer came about.

    Regions that a search looked at, or what was told of a stream; and why an answer could not be read.
    """
    row: dict[str, Any] = {}
    if prediction.trace and prediction.trace[-1]["step"] == "played":
        row = {"trace": list(prediction.trace)}
    elif prediction.trace:
        regions = [region[:2] for step in prediction.trace if step["step"] == "shortlist" for region in step["regions"]]
        row = {"shortlist": regions}
    return row | ({"failure": prediction.failure} if prediction.failure else {})


def _as_made(prediction: Prediction) -> dict[str, Any]:
    """The words of a language model, for any parser, and how the answer was made, with what is to be told of it."""
    row: dict[str, Any] = {"said": list(prediction.said)} if prediction.said else {}
    row |= {"notes": list(prediction.notes)} if prediction.notes else {}
    if prediction.receipt is None:
        return row
    receipt = asdict(prediction.receipt)
    del receipt["usage"]  # of all queries together, and another one when a run is resumed
    return row | {"receipt": receipt}
