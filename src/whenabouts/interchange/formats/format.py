"""`Format`: the description of a file format; each format has its own module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from whenabouts.interchange.marked import Marked
from whenabouts.interchange.stringout import CutList
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
    cuts:     a stringout -> the text of a file; None if the format holds no timeline of cuts
    absent:   whether the nearest moments of a query that probably does not happen are written too: in files that also
              tell how likely it is, and in those that are scored
    """

    suffix: str
    use: str
    times: str
    write: Callable[[Sequence[Prediction], Timeline], str]
    read: Callable[[Path, Timeline | None], list[Marked]] | None = None
    timeline: bool = False
    needs: Literal["nothing", "name", "frames"] = "name"
    cuts: Callable[[CutList], str] | None = None
    absent: bool = False

    def text(self, predictions: Sequence[Prediction], timeline: Timeline) -> str:
        """The text of a file with the moments that probably are in the video, or with all where the format tells."""
        if not self.absent:
            predictions = [replace(each, moments=()) if each.absent else each for each in predictions]
        return self.write(predictions, timeline)
