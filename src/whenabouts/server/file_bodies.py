"""Bodies of the addresses that make files to hand on; their options are those of `whenabouts.commands`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from whenabouts.commands import Stringout
from whenabouts.interchange.only import Only
from whenabouts.prediction import Prediction

__all__ = ["ScenesBody", "StringoutBody", "TranscriptBody"]

Predictions = Annotated[list[Prediction], Field(max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VideoAnswers(_Body):
    """Predictions of one video, by its id."""

    video: Annotated[str, Field(max_length=64)]
    predictions: Predictions


class StringoutBody(Stringout):
    """The videos whose moments are laid one after another, and the format of the timeline."""

    format: Literal["otio", "edl", "xmeml", "fcpxml"]
    videos: Annotated[list[VideoAnswers], Field(min_length=1, max_length=1000)]


class TranscriptBody(_Body):
    """The format of a transcript, and predictions whose moments are marked in it."""

    format: Literal["txt", "docx", "pdf"] = "txt"
    predictions: Predictions = []
    only: Only = "likely"


class ScenesBody(_Body):
    """The format of a contact sheet; it shows the moments of predictions, or all shots where there are none."""

    format: Literal["html", "pdf"] = "html"
    predictions: Predictions | None = None
    only: Only = "likely"
