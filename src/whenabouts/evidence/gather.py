"""Gather what can be read or heard in a video: subtitles first, then speech, then the text on screen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.timed_text import TextKind, TimedText

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["gather"]

Progress = Callable[[float], None]


def gather(
    video: Video,
    kinds: Collection[TextKind] = ("said", "written"),
    *,
    required: Collection[TextKind] = (),
    speech_model: str | None = None,
    ocr_fps: float = 0.5,
    cache: bool = True,
    progress: Progress | None = None,
) -> list[TimedText]:
    """All lines of the asked kinds, in order of time.

    said:    subtitle files and tracks; where there are none, speech recognised by `speech_model` (a name or a folder;
             None takes "small" where it is already on this machine).
    written: text on screen, read `ocr_fps` times a second.

    A kind whose extra or model is absent gives nothing, unless it is in `required` or a `speech_model` is named: then
    MissingExtra or ModelError is raised. `progress` receives the fraction done. Raises VideoError.
    """
    from whenabouts.evidence.subtitles import subtitles

    lines: list[TimedText] = []
    if "said" in kinds:
        lines += subtitles(video)
        if not lines and video.probe.has_audio:
            lines += _speech(video, speech_model, "said" in required, cache, _part(progress, 0.0, 0.5))
    if "written" in kinds:
        lines += _screen_text(video, ocr_fps, "written" in required, cache, _part(progress, 0.5, 1.0))
    if progress:
        progress(1.0)
    return sorted(lines, key=lambda line: (line.start, line.end))


def _speech(video: Video, model: str | None, required: bool, cache: bool, progress: Progress | None) -> list[TimedText]:
    from whenabouts.evidence.speech import recognise

    try:
        return recognise(video, model, cache=cache, progress=progress)
    except (MissingExtra, ModelError):
        if required or model is not None:
            raise
        return []


def _screen_text(video: Video, fps: float, required: bool, cache: bool, progress: Progress | None) -> list[TimedText]:
    from whenabouts.evidence.screen_text import read_screen

    try:
        return read_screen(video, fps=fps, cache=cache, progress=progress)
    except MissingExtra:
        if required:
            raise
        return []


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """A share of the whole progress for one step."""
    if progress is None:
        return None
    whole = progress
    return lambda done: whole(start + (end - start) * done)
