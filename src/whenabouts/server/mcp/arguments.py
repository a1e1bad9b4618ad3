"""What the tools take: the commands of the package, and the name of the video.

Whatever names files, servers, hardware or models is not an argument of a tool: whoever starts the server sets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from whenabouts.commands import Command, Find, Index, Search, Stringout
from whenabouts.commands.choices import EvidenceName
from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.errors import QueryError
from whenabouts.interchange.formats import FORMATS
from whenabouts.selection import SELECTORS
from whenabouts.server.settings import OPERATOR_FIELDS
from whenabouts.server.views import FramesView, FrameView, Seconds, SoundView, TextView

__all__ = [
    "DOCUMENTS",
    "ClipArguments",
    "ExportArguments",
    "FindArguments",
    "FrameArguments",
    "FramesArguments",
    "IndexArguments",
    "ListenArguments",
    "SearchArguments",
    "TranscriptArguments",
    "VideosArguments",
    "arguments_schema",
    "read_arguments",
]

DOCUMENTS = ("txt", "docx", "pdf")  # of a transcript
VideoName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="A video in the allowed folders, by the name that `videos` and `search` give.",
        examples=["holiday/beach.mp4"],
    ),
]


class FindArguments(Find):
    """When each query happens in one video."""

    video: VideoName
    brief: bool = Field(True, description=Find.model_fields["brief"].description)


class SearchArguments(Search):
    """Which moments of all indexed videos answer a query."""


class ClipArguments(Command):
    """Which stretch of which video to write."""

    video: VideoName
    start: Seconds = Field(description="Seconds from the start of the video.")
    end: Seconds = Field(description="Seconds from the start of the video, after `start`.")
    label: str | None = Field(
        None, max_length=200, description="Words for the file name. Default: the name of the video."
    )


class ChosenMoment(BaseModel):
    """A stretch of a video, and what it shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Seconds = Field(description="Seconds from the start of the video.")
    end: Seconds = Field(description="Seconds from the start of the video, after `start`.")
    label: str = Field("moment", min_length=1, max_length=MAX_QUERY_CHARS, description="What it is called in the file.")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not self.start < self.end:
            raise PydanticCustomError("value_error", "a moment needs start < end")
        return self


class ExportArguments(Stringout):
    """Which moments to hand on, and as what: markers, a stringout, or a transcript in which they are marked."""

    format: str = Field(
        json_schema_extra={"enum": [*FORMATS, *DOCUMENTS]},
        description="What to write: a format of an editing program, a player or a table; or a transcript of what is "
        f"said ({', '.join(DOCUMENTS)}).",
        examples=["edl", "youtube", "docx"],
    )
    answers: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        (),
        max_length=100,
        description="Addresses of answers of `find` or `search`, whose moments are taken.",
        examples=[["whenabouts://answers/3f2a9c1d5b6e7a80"]],
    )
    video: VideoName | None = Field(None, description="The video of `moments`, or of a transcript.")
    moments: tuple[ChosenMoment, ...] = Field(
        (), max_length=1000, description="Moments of `video`, such as those that were checked; also beside `answers`."
    )
    cuts: bool = Field(
        False,
        description="A stringout: the moments themselves in a row, one cut each, instead of markers. For otio, edl, "
        "xmeml and fcpxml; `handles`, `order` and `start` are of its cuts.",
    )

    @field_validator("format")
    @classmethod
    def _known(cls, format: str) -> str:
        if format not in FORMATS and format not in DOCUMENTS:
            raise PydanticCustomError(
                "value_error", "choose from: {names}", {"names": ", ".join([*FORMATS, *DOCUMENTS])}
            )
        return format


class FrameArguments(FrameView):
    """Which picture to show."""

    video: VideoName


class FramesArguments(FramesView):
    """Which pictures to show together."""

    video: VideoName


class ListenArguments(SoundView):
    """Which stretch to listen to."""

    video: VideoName


class TranscriptArguments(TextView):
    """Which words to quote: those around `time`, those that `search` finds, or else the whole text in pages."""

    video: VideoName
    time: Seconds | None = Field(None, description="Only around this time, in seconds from the start of the video.")
    radius: float = Field(30.0, gt=0, le=600, description="Seconds before and after `time`.")
    kinds: tuple[EvidenceName, ...] | None = Field(
        None, min_length=1, description="Kinds of evidence in words. Default: all that are installed."
    )


class IndexArguments(Index):
    """How the allowed folders are indexed."""


class VideosArguments(Command):
    """Which videos to list."""

    containing: str | None = Field(None, max_length=200, description="Only names that contain this, in any case.")
    after: str | None = Field(None, description="Continue after this name, the last one of a list with `more`.")
    limit: int = Field(50, ge=1, le=200, description="At most this many.")


HIDDEN: dict[type[Command], set[str]] = {  # beside fields of the operator: what an agent has no need to choose
    FindArguments: {*OPERATOR_FIELDS, "prompting", "samples", "long", "send", "quantised", "timeout", "cache"}
    - {"model", "select"},
    SearchArguments: {"refine"},  # `find` on the video does it, with progress
    IndexArguments: {"encoder"},
}


def arguments_schema(arguments: type[Command], models: Mapping[str, str]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments: without what the operator sets, with the models that are allowed.

    models: the models that clients may choose by the names that they see, the first one by default
    """
    schema = arguments.model_json_schema()
    for name in HIDDEN.get(arguments, ()):
        del schema["properties"][name]
    if model := schema["properties"].get("model"):
        model |= {"enum": list(models), "default": next(iter(models))}
    if select := schema["properties"].get("select"):
        select |= {"anyOf": [{"type": "string", "enum": list(SELECTORS.own)}, {"type": "null"}]}
    return schema


def read_arguments(
    arguments: type[Command], given: dict[str, Any], models: Mapping[str, str], defaults: dict[str, Any]
) -> Command:
    """A client's arguments, checked, with the operator's `defaults`. Raises QueryError, one sentence."""
    hidden = HIDDEN.get(arguments, set())
    if unknown := next((name for name in given if name not in arguments.model_fields), None):
        offered = ", ".join(name for name in arguments.model_fields if name not in hidden)
        raise QueryError(f"unknown option {unknown}; choose from: {offered}")
    for name in hidden & given.keys():
        raise QueryError(f"{name} is set by whoever started this server; leave it out")
    if "model" in arguments.model_fields:
        name = given.get("model", next(iter(models)))
        if not isinstance(name, str) or name not in models:
            raise QueryError(f"the model {name!r} is not allowed here; choose one of: {', '.join(models)}")
        given = given | {"model": models[name]}
    if given.get("select") not in (None, *SELECTORS.own):
        raise QueryError(
            f"the selector {given['select']!r} is not allowed here; choose one of: {', '.join(SELECTORS.own)}"
        )
    own = {name: value for name, value in defaults.items() if name in arguments.model_fields}
    return arguments.of(**own, **given)
