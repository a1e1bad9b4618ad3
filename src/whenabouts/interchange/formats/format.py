"""`Format`: the description of a file format; each format has its own module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whenabouts.interchange.marked import Marked
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    suffix:   of its files
    use:      the programs that use it, for the table of formats in the documentation
    times:    its representation of times, for the same table
    write:    predictions on one video -> the text of a file
    read:     a file -> its moments by video and query; None if the format can only be written
    timeline: whether `read` needs the video's timeline, because files count frames without stating the frame rate
    needs:    what `write` needs to know about the video: nothing, its name, or also its frame rate and timecode
    """

    suffix: str
    use: str
    times: str
    write: Callable[[Sequence[Prediction], Timeline], str]
    read: Callable[[Path, Timeline | None], list[Marked]] | None = None
    timeline: bool = False
    needs: Literal["nothing", "name", "frames"] = "name"
