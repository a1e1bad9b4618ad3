"""How the commands open what they are given: a video, a file of sound alone, or pictures that are shown at a rate."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["MAX_RATE", "Opening", "Reading"]

MAX_RATE = 1000


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

    subtitles_encoding: str | None = Field(
        None,
        max_length=40,
        description="Encoding of subtitles that are not UTF-8, such as cp1251. Default: guessed; a note says as what.",
    )

    def open(self, path: str | PathLike[str]) -> Video:
        """As of `Opening`. Raises InputError for an encoding that is unknown."""
        from whenabouts.evidence.encodings import checked_encoding

        encoding = self.subtitles_encoding and checked_encoding(self.subtitles_encoding)
        video = super().open(path)
        video.subtitles_encoding = encoding or None
        return video
