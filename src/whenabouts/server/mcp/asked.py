"""What the tools take: the requests of the command line, and the video that they are about.

What names files, hosts or models is no argument of a tool: whoever starts the server sets it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from whenabouts.commands import Find, Request, Search
from whenabouts.errors import QueryError

__all__ = ["AskClip", "AskFind", "AskSearch", "AskTranscript", "AskVideos", "read", "schema"]

VideoFile = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="A video in the allowed folders, by the name that `videos` and `search` give.",
        examples=["holiday/beach.mp4"],
    ),
]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class AskFind(Find):
    """When each query happens in one video."""

    video: VideoFile
    saliency: bool = Field(False, description="Give the whole curve too: two numbers per frame looked at.")


class AskSearch(Search):
    """Which moments of all indexed videos answer a query."""


class AskClip(Request):
    """Which stretch of which video to write."""

    video: VideoFile
    start: Seconds = Field(description="Seconds from the start of the video.")
    end: Seconds = Field(description="Seconds from the start of the video, after `start`.")
    label: str | None = Field(None, max_length=200, description="Words for the file's name; the video's by default.")


class AskTranscript(Request):
    """Which words to quote."""

    video: VideoFile
    time: Seconds = Field(description="Seconds from the start of the video.")
    radius: float = Field(30.0, gt=0, le=600, description="Seconds before and after `time`.")
    kinds: tuple[str, ...] | None = Field(
        None, min_length=1, description="Subtitles or speech, text on screen; by default all that is installed."
    )


class AskVideos(Request):
    """Which videos to list."""

    containing: str | None = Field(None, max_length=200, description="Only names that contain this, in any case.")
    after: str | None = Field(None, description="Go on behind this name, the last one of a list with `more`.")
    limit: int = Field(50, ge=1, le=200, description="At most this many.")


SET_BY_OPERATOR = {
    AskFind: {"system", "samples", "long", "send", "quantised", "verify", "encoder", "speech_model", "cache"},
    AskSearch: {"refine"},  # `find` on the video does it, and shows that it looks
}


def schema(takes: type[Request], models: tuple[str, ...]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments: without what the operator sets, with the models allowed."""
    told = takes.model_json_schema()
    for name in SET_BY_OPERATOR.get(takes, ()):
        del told["properties"][name]
    if model := told["properties"].get("model"):
        model |= {"enum": list(models), "default": models[0]}
    return told


def read(takes: type[Request], arguments: dict[str, Any], models: tuple[str, ...], given: dict[str, Any]) -> Request:
    """Arguments and the operator's settings as one request. Raises QueryError, one sentence."""
    for name in SET_BY_OPERATOR.get(takes, set()) & arguments.keys():
        raise QueryError(f"{name} is set by whoever started this server; leave it out")
    if "model" in takes.model_fields:
        arguments = {"model": models[0]} | arguments
        if arguments["model"] not in models:
            raise QueryError(
                f"the model {arguments['model']!r} is not allowed here; choose one of: {', '.join(models)}"
            )
    names = takes.model_fields.keys()
    return takes.of(**{name: value for name, value in given.items() if name in names}, **arguments)
