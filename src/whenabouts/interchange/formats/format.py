"""`Format`: the description of a file format; each format has its own module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whenabouts.interchange.marked import Marked
from whenabouts.interchange.only import Only, chosen, told
from whenabouts.interchange.stringout import CutList
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["Format", "Group"]

Group = Literal["editing", "watching", "data"]

MAX_NOTE_CHARS = 240  # a note is a sentence, whatever is quoted in it


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    suffix:   of its files
    use:      the programs that use it, for the table of formats in the documentation
    times:    its representation of times, for the same table
    write:    predictions on one video -> the text of a file
    read:     a file -> its moments by video and query; None if the format can only be written
    timeline: whether `read` needs the video's timeline, because files lack its frame rate or its end
    needs:    what `write` needs to know about the video: nothing, its name, or also its frame rate and timecode
    cuts:     a stringout -> the text of a file; None if the format holds no timeline of cuts
    absent:   whether the nearest moments of a query that probably does not happen are written too unless only others
              are asked for: in files that also tell how likely it is, and in those that are scored
    notes:    what of the predictions a file cannot hold or has otherwise, in sentences; None if it holds all
    encoding: of its text
    group:    what its files are for, by which the page lists them: an editing program, players and web pages, or data
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
    notes: Callable[[Sequence[Prediction], Timeline], list[str]] | None = None
    encoding: str = "utf-8"
    group: Group = "data"

    def data(self, predictions: Sequence[Prediction], timeline: Timeline, only: Only | None = None) -> bytes:
        """A file with the moments that `only` chooses.

        By default these are those that probably are in the video, and all of them where the format tells.
        """
        text = self.write(chosen(predictions, only or self._default), timeline)
        return text.encode(self.encoding, "backslashreplace")

    def told(self, predictions: Sequence[Prediction], timeline: Timeline, only: Only | None = None) -> list[str]:
        """What somebody should know who gets this file: what it cannot hold, and that nothing was chosen."""
        kept = only or self._default
        of_format = self.notes(chosen(predictions, kept), timeline) if self.notes else []
        of_rate = [timeline.conformed] if self.needs == "frames" and timeline.conformed else []
        return [note[:MAX_NOTE_CHARS] for note in told(predictions, kept) + of_format + of_rate]

    @property
    def _default(self) -> Only:
        return "all" if self.absent else "likely"
