"""Whoever looks at some of the pictures that another one decodes anyway."""

from __future__ import annotations

from typing import Protocol

from whenabouts.video.frame import Frame, Size

__all__ = ["Viewer"]


class Viewer(Protocol):
    """Looks at the pictures on show every 1/fps seconds, in a size of its own, while the whole video is decoded.

    If no pass over the video has a picture at all of these times, nothing is seen.
    """

    @property
    def fps(self) -> float:
        """Pictures per second."""
        ...

    @property
    def size(self) -> Size:
        """Pixels, as of `Video.sample`."""
        ...

    def see(self, frame: Frame) -> None:
        """Take the next picture, the first being that at 0 s; called in the thread that decodes."""
        ...
