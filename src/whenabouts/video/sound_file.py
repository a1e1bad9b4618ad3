"""A file of sound alone, for models that only listen."""

from __future__ import annotations

from fractions import Fraction
from os import PathLike
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from whenabouts.errors import VideoError
from whenabouts.video.clock import container_start
from whenabouts.video.damage.failures import Failures
from whenabouts.video.damage.wholeness import size_of, stated_length
from whenabouts.video.limits import Limits
from whenabouts.video.probe import AudioTrack, Probe
from whenabouts.video.source import READ_ERRORS, open_media, shown
from whenabouts.video.video import Video

__all__ = ["SoundFile", "open_sound_too"]


class SoundFile(Video):
    """Sound without a moving picture. Whoever asks it for pictures gets the VideoError that `Video` raises for it.

    Raises VideoError for a file without sound.
    """

    def __init__(self, path: str | PathLike[str], *, limits: Limits | None = None) -> None:
        self.path = Path(path)
        self.limits = limits or Limits()
        self.failures = Failures()
        self.probe = _probe(self.path, self.limits)


def open_sound_too(path: str | PathLike[str]) -> Video:
    """A video, or a file of sound alone. Raises VideoError, for a file that is neither that of `Video`."""
    if Video.opened_as is not None:
        return Video.opened_as(path, sound_too=True)  # type: ignore[call-arg]
    try:
        return Video(path)
    except VideoError:
        with open_media(Path(path), Limits()) as container:
            if not _sound_alone(container):
                raise
        return SoundFile(path)


def _sound_alone(container: InputContainer) -> bool:
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return bool(container.streams.audio) and all(s.disposition & still for s in container.streams.video)


def _probe(path: Path, limits: Limits) -> Probe:
    with open_media(path, limits) as container:
        tracks = [s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate]
        if not tracks:
            raise VideoError(f"{shown(path)} has no sound that can be decoded")
        start = container_start(container) or Fraction(0)
        duration = _end(container) - start
        if duration <= 0:
            raise VideoError(f"{shown(path)} has a track of sound with nothing in it")
        if duration > limits.max_duration:
            raise VideoError(
                f"{shown(path)} lasts {float(duration):.0f} s, longer than the limit of {limits.max_duration:.0f} s"
            )
        return Probe(
            path=path,
            container=container.format.name,
            duration=float(duration),
            start_time=float(start),
            width=0,
            height=0,
            rotation=0,
            mirrored=False,
            sar=Fraction(1),
            codec="none",
            pix_fmt="none",
            bit_depth=0,
            interlaced=False,
            average_rate=None,
            variable_rate=None,
            frames=None,
            video_index=-1,
            video_streams=0,
            audio=tuple(
                AudioTrack(
                    s.index, s.codec_context.codec.canonical_name, s.codec_context.sample_rate, s.channels, s.language
                )
                for s in tracks
            ),
            subtitles=(),
            timecode=None,
            stated=stated_length(container, start, duration),
            bytes=size_of(path),
        )


def _end(container: InputContainer) -> Fraction:
    """When the last packet ends, on the container's clock; what it declares where packets have no stamps."""
    declared = Fraction(container.duration or 0, av.time_base)
    end = Fraction(0)
    try:
        for packet in container.demux(*container.streams.audio):
            if packet.size and packet.pts is not None:
                end = max(end, (packet.pts + max(0, packet.duration or 0)) * Fraction(packet.time_base))
    except READ_ERRORS:
        pass  # damaged at the end: it lasts as long as what can be read
    return end or declared
