"""What can be seen, heard and read of a video at once: the options of HTTP and MCP alike. Times are in seconds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from whenabouts.commands import Command
from whenabouts.server.sounds import MAX_SECONDS

__all__ = ["FrameView", "FramesView", "Seconds", "SoundView", "TextView"]

Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


def _with_a_word(search: str) -> str:
    if not re.search(r"\w", search):
        raise PydanticCustomError("no_word", "there is no word in it; say which words to look for")
    return search


class FrameView(Command):
    """Which picture to show."""

    time: Seconds = Field(description="Seconds from the start of the video.")
    size: int = Field(768, ge=64, le=1568, description="Pixels of the longest side, at most; it is never enlarged.")


class FramesView(Command):
    """Which pictures to show together."""

    start: Seconds = Field(0.0, description="Seconds from the start of the video.")
    end: Seconds | None = Field(None, description="Seconds from the start of the video. Default: its end.")
    count: int = Field(12, ge=1, le=64, description="How many pictures, at even distances.")
    size: int = Field(1280, ge=512, le=1568, description="Pixels of the longest side of the sheet, at most.")


class SoundView(Command):
    """Which stretch to listen to."""

    start: Seconds = Field(description="Seconds from the start of the video.")
    seconds: float = Field(20.0, gt=0, le=MAX_SECONDS, description="How long to listen.")


class TextView(Command):
    """Which lines of text: those that `search` finds, or else all of them, in pages."""

    search: Annotated[str, AfterValidator(_with_a_word)] | None = Field(
        None,
        min_length=1,
        max_length=200,
        json_schema_extra={"pattern": r"\w"},
        description="Only lines that hold these words one after another, in any case and across lines.",
        examples=["thank you all"],
    )
    context: int = Field(1, ge=0, le=10, description="Lines before and after each line that `search` finds.")
    offset: int = Field(0, ge=0, le=10**9, description="Leave out so many lines: `next` of the result before.")
    limit: int = Field(200, ge=1, le=400, description="At most so many lines at once.")
