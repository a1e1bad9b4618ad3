"""How names of video and sound files end."""

from __future__ import annotations

from pathlib import Path

__all__ = ["VIDEO_SUFFIXES", "is_sound", "is_video"]

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg"),
        *("wmv", "flv", "ogv", "3gp", "vob", "mxf", "asf", "divx"),
    )
)


SOUND_SUFFIXES = frozenset(f".{name}" for name in ("wav", "mp3", "flac", "m4a", "aac", "ogg", "oga", "opus", "wma"))


def is_video(path: Path) -> bool:
    """Whether a file is a video by its name.

    >>> is_video(Path("w.M2TS")), is_video(Path("w.srt"))
    (True, False)
    """
    return path.suffix.lower() in VIDEO_SUFFIXES


def is_sound(path: Path) -> bool:
    """Whether a file is sound alone by its name.

    >>> is_sound(Path("w.FLAC")), is_sound(Path("w.mp4"))
    (True, False)
    """
    return path.suffix.lower() in SOUND_SUFFIXES
