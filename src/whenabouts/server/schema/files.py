"""What is handed on as a file: exports, clips, stringouts, transcripts, contact sheets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from whenabouts.commands import Stringout
from whenabouts.commands.clips import ClipTemplate
from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.interchange.formats import FORMATS
from whenabouts.interchange.only import Only
from whenabouts.prediction import Prediction
from whenabouts.server.schema.fields import Body, Seconds

__all__ = ["ClipBody", "ExportBody", "ScenesBody", "StringoutBody", "TranscriptBody"]

Predictions = Annotated[list[Prediction], Field(max_length=1000)]


def _format(name: str) -> str:
    if name not in FORMATS:
        raise PydanticCustomError("format", "unknown format; choose one of: {names}", {"names": ", ".join(FORMATS)})
    return name


class ExportBody(Body):
    """Predictions of one video, the format to write them in, and which of their moments.

    `only`: `likely` leaves out what is probably not in the video, `confirmed` takes what a person marked; null is the
    format's default.
    """

    format: Annotated[str, Field(json_schema_extra={"enum": list(FORMATS)}), AfterValidator(_format)]
    predictions: Annotated[list[Prediction], Field(max_length=1000)]
    only: Only | None = None


class ClipBody(Body):
    """A stretch of a video to cut out, in seconds; `name` is the template of the file's name, with `query` for a field.

    Without it the name has the query and the times.
    """

    start: Seconds
    end: Seconds
    smart: bool = False
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARS)] = "clip"
    name: ClipTemplate | None = None


class VideoAnswers(Body):
    """Predictions of one video, by its id."""

    video: Annotated[str, Field(max_length=64)]
    predictions: Predictions


class StringoutBody(Stringout):
    """The videos whose moments are laid one after another, and the format of the timeline."""

    format: Literal["otio", "edl", "xmeml", "fcpxml"]
    videos: Annotated[list[VideoAnswers], Field(min_length=1, max_length=1000)]


class TranscriptBody(Body):
    """The format of a transcript, and predictions whose moments are marked in it."""

    format: Literal["txt", "docx", "pdf"] = "txt"
    predictions: Predictions = Field([])
    only: Only = "likely"


class ScenesBody(Body):
    """The format of a contact sheet; it shows the moments of predictions, or all shots where there are none."""

    format: Literal["html", "pdf"] = "html"
    predictions: Predictions | None = None
    only: Only = "likely"
