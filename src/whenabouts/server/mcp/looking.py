"""The tools that show and play a video: one frame, many of them, and the sound."""

from __future__ import annotations

from pathlib import Path

from whenabouts.progress import Progress, stage
from whenabouts.server.mcp.arguments import FrameArguments, FramesArguments, ListenArguments
from whenabouts.server.mcp.results import (
    FrameResult,
    FramesResult,
    HeardSound,
    ListenResult,
    Media,
    WithMedia,
)
from whenabouts.server.milliseconds import meant
from whenabouts.server.pictures import contact_sheet, still
from whenabouts.server.sounds import heard_between, wav
from whenabouts.video import Video, open_sound_too

__all__ = ["frame", "frames", "listen"]


def frame(path: Path, name: str, arguments: FrameArguments) -> WithMedia:
    """The picture at a time."""
    with Video(path) as video:
        found = still(video, arguments.time, size=arguments.size)
    place = found.place
    result = FrameResult(video=name, time=place.time, timecode=place.timecode, frame=place.frame)
    return WithMedia(result, Media("image", "image/jpeg", found.jpeg))


def frames(path: Path, name: str, arguments: FramesArguments, progress: Progress) -> WithMedia:
    """Many pictures on one sheet."""
    with Video(path) as video:
        end = video.duration if arguments.end is None else min(arguments.end, video.duration)
        sheet = contact_sheet(
            video,
            arguments.start,
            end,
            arguments.count,
            size=arguments.size,
            progress=stage(progress, "taking frames"),
        )
    result = FramesResult(video=name, start=arguments.start, end=end, columns=sheet.columns, frames=list(sheet.places))
    return WithMedia(result, Media("image", "image/jpeg", sheet.jpeg))


def listen(path: Path, name: str, arguments: ListenArguments, progress: Progress) -> WithMedia:
    """The sound of a stretch, and its kinds."""
    with open_sound_too(path) as video:
        start = meant(video, arguments.start) if video.probe.width else arguments.start
        end = min(start + arguments.seconds, video.duration)
        progress("listening", 0.0)
        sound = wav(video, start, end)
        progress("listening", 0.5)
        heard = [HeardSound(what=one.what, start=one.start, end=one.end) for one in heard_between(video, start, end)]
    return WithMedia(ListenResult(video=name, start=start, end=end, heard=heard), Media("audio", "audio/wav", sound))
