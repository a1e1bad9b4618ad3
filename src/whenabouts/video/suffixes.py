"""How names of video files end."""

from __future__ import annotations

from pathlib import Path

__all__ = ["VIDEO_SUFFIXES", "is_video"]

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg"),
        *("wmv", "flv", "ogv", "3gp", "vob", "mxf", "asf", "divx"),
    )
)


def is_video(path: Path) -> bool:
    """Whether a file is a video by its name.

    >>> is_video(Path("w.M2TS")), is_video(Path("w.srt"))
    (True, False)
    """
    return path.suffix.lower() in VIDEO_SUFFIXES
