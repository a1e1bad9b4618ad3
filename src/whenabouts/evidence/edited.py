"""Writes an edited video as a file, with its subtitles in a file beside it."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.evidence.subtitles import sidecars, subtitles
from whenabouts.evidence.timed_text import TimedText
from whenabouts.files.atomic import replacing
from whenabouts.progress import Fraction
from whenabouts.video.edit.view import View
from whenabouts.video.edit.write import write
from whenabouts.video.source import shown

__all__ = ["write_subtitles", "write_with_subtitles"]


def write_subtitles(lines: list[TimedText], path: Path) -> Path:
    """Write lines as SubRip, in UTF-8, replacing the file only when complete."""
    import pysubs2

    events = [
        pysubs2.SSAEvent(start=round(line.start * 1000), end=round(line.end * 1000), text=line.text) for line in lines
    ]
    file = pysubs2.SSAFile()
    file.events = events
    with replacing(path) as part:
        part.write_text(file.to_string("srt"), encoding="utf-8")
    return path


def write_with_subtitles(video: View, out: Path, *, progress: Fraction | None = None) -> list[Path]:
    """Write a view as a video, and its subtitles, if it has any, as a .srt file beside it; the paths of both.

    Raises VideoError, InputError where other subtitles lie there already, which would be read as those of the video.
    """
    lines = subtitles(video)
    beside = out.with_suffix(".srt")
    for other in sidecars(out):
        if not lines or other != beside:
            raise InputError(
                f"{shown(other)} would be read as the subtitles of {shown(out)}; remove it or name another file"
            )
    written = [write(video, out, progress=progress)]
    return [*written, write_subtitles(lines, beside)] if lines else written
