"""Lines of text that were gathered on the way to an answer, for those who want to show them too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from whenabouts.evidence.timed_text import TimedText

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["record", "recorded"]

Lines = dict[str, Sequence[TimedText]]
_recording: ContextVar[tuple[Video, Lines] | None] = ContextVar("recording", default=None)


@contextmanager
def recorded(video: Video) -> Iterator[Lines]:
    """The lines that are gathered from this very video until the end of the block, by kind of evidence.

    A kind that was not gathered is absent; one that was and gave nothing is empty. Parts of the video do not count.
    """
    lines: Lines = {}
    token = _recording.set((video, lines))
    try:
        yield lines
    finally:
        _recording.reset(token)


def record(video: Video, kind: str, lines: Sequence[TimedText]) -> None:
    """Tell a block of `recorded`, where there is one, that the lines of a kind were gathered from a video."""
    current = _recording.get()
    if current is not None and current[0] is video:
        current[1][kind] = lines
