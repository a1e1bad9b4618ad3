"""What a media file says about itself, checked against its first picture and its last packets."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenabouts.errors import VideoError
from whenabouts.video.damage.failures import Failures
from whenabouts.video.damage.wholeness import size_of, stated_length
from whenabouts.video.decode import Decoder
from whenabouts.video.duration import measured_duration
from whenabouts.video.frame import Orientation, side_data_of
from whenabouts.video.limits import Limits
from whenabouts.video.reader import Reader
from whenabouts.video.source import check_size, shown
from whenabouts.video.stills.still import STILL_HINT

MAX_RATE = 1000  # pictures a second; what is stated beyond is no rate

__all__ = ["AudioTrack", "Probe", "SubtitleTrack", "aspect", "probe"]


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """A stream of sound: its index in the container, codec name, Hz, channels, ISO 639 language if stated."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    language: str | None


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """A stream of subtitles: its index in the container, codec name, ISO 639 language if stated."""

    index: int
    codec: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Probe:
    """The facts of a video file.

    `duration` and `start_time` are in seconds; `start_time` is where the container's own stamps begin, which media time
    calls 0. `width` and `height` are of the displayed picture: upright, in square pixels. `rotation` is the clockwise
    turn in degrees that was needed, `mirrored` a left-right mirror before it, `sar` the pixel aspect ratio.
    `average_rate` is in frames per second. `frames` and `variable_rate` are None if the container does not state them.
    `notes` says what was taken for granted where time stamps are missing or do not make one clock.
    `timecode` is what the camera or editor called the first picture, HH:MM:SS:FF, as written in the file. `stated` is
    how long the file says that it lasts, in seconds, and `bytes` its size when it was opened.
    """

    path: Path
    container: str
    duration: float
    start_time: float
    width: int
    height: int
    rotation: int
    mirrored: bool
    sar: Fraction
    codec: str
    pix_fmt: str
    bit_depth: int
    interlaced: bool
    average_rate: Fraction | None
    variable_rate: bool | None
    frames: int | None
    video_index: int
    video_streams: int
    audio: tuple[AudioTrack, ...]
    subtitles: tuple[SubtitleTrack, ...]
    timecode: str | None
    notes: tuple[str, ...] = ()
    stated: float | None = None
    bytes: int | None = None

    @property
    def has_audio(self) -> bool:
        """Whether any stream of sound is present."""
        return bool(self.audio)


def probe(path: Path, limits: Limits, failures: Failures) -> Probe:
    """Open `path`, check it against `limits`, decode one picture and measure the duration. Raises VideoError."""
    with Reader(path, limits, failures) as reader:
        container, stream = reader.container, reader.stream
        first = _first_picture(reader)
        sar = aspect(stream)
        check_size(path, first.width, first.height, sar, limits)
        _check_moves(reader)
        turn = Orientation.of(first)
        width, height = max(1, round(first.width * sar)), first.height
        duration = measured_duration(reader)
        container, stream = reader.container, reader.stream  # measuring may have opened the file anew
        if duration > limits.max_duration:
            raise VideoError(
                f"{shown(path)} lasts {float(duration):.0f} s, longer than the limit of {limits.max_duration:.0f} s"
            )
        return Probe(
            path=path,
            container=container.format.name,
            duration=float(duration),
            start_time=float(reader.clock.start),
            width=height if turn.transposed else width,
            height=width if turn.transposed else height,
            rotation=turn.rotation,
            mirrored=turn.mirrored,
            sar=sar,
            codec=stream.codec_context.codec.canonical_name,
            pix_fmt=first.format.name,
            bit_depth=max(component.bits for component in first.format.components),
            interlaced=first.interlaced_frame,
            average_rate=1 / reader.survey.step if reader.survey.step else _average_rate(stream),
            variable_rate=_varies(stream),
            frames=stream.frames or None,
            video_index=stream.index,
            video_streams=len(container.streams.video),
            audio=tuple(
                AudioTrack(s.index, _codec(s), s.codec_context.sample_rate, s.codec_context.channels, s.language)
                for s in container.streams.audio
                if s.codec_context is not None
            ),
            subtitles=tuple(SubtitleTrack(s.index, _codec(s), s.language) for s in container.streams.subtitles),
            timecode=_timecode(container, stream) or _group_timecode(first),
            notes=reader.survey.notes,
            stated=None if reader.survey.continued else stated_length(container, reader.clock.start, duration),
            bytes=size_of(path),
        )


def _timecode(container: InputContainer, stream: VideoStream) -> str | None:
    tracks = (other for other in container.streams if other.type == "data")
    for tags in (stream.metadata, container.metadata, *(track.metadata for track in tracks)):
        stated = next((value for key, value in tags.items() if key.lower() == "timecode"), None)
        if stated:
            return stated
    return None


def _group_timecode(picture: VideoFrame) -> str | None:
    """The timecode that MPEG-1 and MPEG-2 give a group of pictures; none where it is 0, as every encoder writes it.

    Its bits: drop-frame, 5 of hours, 6 of minutes, 1 that is set, 6 of seconds, 6 of frames (ISO/IEC 13818-2, 6.2.2.6).
    """
    stated = side_data_of(picture, "GOP_TIMECODE")
    if stated is None:
        return None
    bits = int.from_bytes(stated[:4], sys.byteorder)
    hours, minutes, seconds, frames = bits >> 19 & 31, bits >> 13 & 63, bits >> 6 & 63, bits & 63
    mark = ";" if bits >> 24 & 1 else ":"
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}" if hours | minutes | seconds | frames else None


def _average_rate(stream: VideoStream) -> Fraction | None:
    """The stated one; that of the clock where a demuxer counts its ticks for pictures, as that of raw DV does."""
    rate = stream.average_rate
    return (stream.base_rate if rate and rate > MAX_RATE else rate) or None


def _codec(stream: Stream) -> str:
    return stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"


def aspect(stream: VideoStream) -> Fraction:
    """Pixel aspect ratio of a stream, 1 where none is stated."""
    sar = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    return Fraction(sar) if sar else Fraction(1)


def _first_picture(reader: Reader) -> VideoFrame:
    for _, frame in Decoder.of(reader).pictures(reader.packets()):
        return frame
    raise VideoError(f"{shown(reader.path)} has a video stream but no picture in it could be decoded")


def _check_moves(reader: Reader) -> None:
    """Refuse a GIF or PNG of one picture. Raises VideoError."""
    if reader.container.format.name in {"gif", "apng"}:
        reader.rewind()
        if sum(1 for _ in islice(reader.packets(), 2)) < 2:
            raise VideoError(f"{shown(reader.path)} is a still picture, {STILL_HINT}")


def _varies(stream: VideoStream) -> bool | None:
    """Whether pictures come at uneven distances, according to the index of the container."""
    entries = stream.index_entries
    if len(entries) < 3 or len(entries) != stream.frames:
        return None
    stamps = [entry.timestamp for entry in entries[: min(len(entries), 4096)]]
    steps = [after - before for before, after in pairwise(stamps[:-1])]
    return max(steps, default=0) - min(steps, default=0) > 1
