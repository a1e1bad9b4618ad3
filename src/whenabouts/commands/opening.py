"""How the commands open what they are given: a video, a file of sound alone, or pictures that are shown at a rate."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from whenabouts.commands.command import QUERY_ERROR, Command
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["MAX_RATE", "Opening", "Reading"]

MAX_RATE = 1000


def _checked(encoding: str) -> str:
    from whenabouts.evidence.encodings import checked_encoding

    try:
        return checked_encoding(encoding)
    except InputError as error:
        raise PydanticCustomError(QUERY_ERROR, "{sentence}", {"sentence": str(error)}) from None


class Opening(Command):
    """A command about one video."""

    rate: float | None = Field(
        None,
        gt=0,
        le=MAX_RATE,
        description="Pictures per second of an image sequence: a folder of PNG, JPEG or TIFF, "
        "or a pattern such as 'frames/%05d.png'.",
    )

    def open(self, path: str | PathLike[str]) -> Video:
        """What is at a path, to be closed by the caller. Raises VideoError, and InputError for a rate of a file."""
        from whenabouts.video import open_sound_too
        from whenabouts.video.stills.sequence import at_rate

        return open_sound_too(at_rate(Path(path), self.rate))


class Reading(Opening):
    """A command about one video whose subtitles are read."""

    subtitles_encoding: Annotated[str, Field(max_length=40), AfterValidator(_checked)] | None = Field(
        None,
        description="Encoding of subtitles that are not UTF-8, such as cp1251. Default: guessed, and told.",
    )

    def open(self, path: str | PathLike[str]) -> Video:
        """As of `Opening`."""
        video = super().open(path)
        video.subtitles_encoding = self.subtitles_encoding
        return video
