"""What the tools take: the commands of the package, and the name of the video.

Whatever names files, servers, hardware or models is not an argument of a tool: whoever starts the server sets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from whenabouts.commands import Command, Find, Index, Search
from whenabouts.commands.choices import EvidenceName
from whenabouts.errors import QueryError
from whenabouts.selection import SELECTORS
from whenabouts.server.settings import OPERATOR_FIELDS
from whenabouts.server.views import FramesView, FrameView, Seconds, SoundView, TextView

__all__ = [
    "ClipArguments",
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
