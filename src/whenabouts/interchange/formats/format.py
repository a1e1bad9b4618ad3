"""`Format`: one file format, as its own file describes it."""

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

    suffix:   how the names of its files end
    use:      the programs it is for, as the table of the documentation says it
    times:    how it writes times, in the same table
    write:    predictions on one video -> the text of a file
    read:     a file -> its moments by video and query; None where the format is only written
    timeline: whether `read` needs the video's timeline, because the file counts frames without saying how fast
    needs:    what `write` must know of the video: its name, its true frames too, or nothing
    """

    suffix: str
    use: str
    times: str
    write: Callable[[Sequence[Prediction], Timeline], str]
    read: Callable[[Path, Timeline | None], list[Marked]] | None = None
    timeline: bool = False
    needs: Literal["nothing", "name", "frames"] = "name"
