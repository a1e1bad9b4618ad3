"""Writes a stretch of a video as a clip of its own: every picture at its true time, the sound in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenabouts.errors import StorageError, VideoError
from whenabouts.files.atomic import replacing
from whenabouts.video.clock import NANOSECOND
from whenabouts.video.damage.failures import Failures
from whenabouts.video.decode import Picture
from whenabouts.video.frame import Orientation, Orientations
from whenabouts.video.limits import Limits
from whenabouts.video.probe import aspect
from whenabouts.video.reader import Reader
from whenabouts.video.sample import window
from whenabouts.video.sound import Sound, sound_between
from whenabouts.video.source import shown

__all__ = ["CONTAINERS", "QUALITY", "TICKS", "encode_all", "mux", "timed", "write_clip"]

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
TICKS = Fraction(1, 90_000)
QUALITY = {"preset": "veryfast", "crf": "18", "bf": "0"}  # mp4 ends true only if pictures are stored as shown
Span = tuple[Fraction, Fraction]
Encode = Callable[[Reader, Sound | None, Span, OutputContainer], None]


def write_clip(
    path: Path, limits: Limits, failures: Failures, span: Span, out: Path, encode: Encode | None = None
) -> None:
    """Write `span` (media time) of the video at `path` into `out`, atomically, encoded anew. Raises VideoError.

    `encode` writes the pictures and the sound in another way than `encode_all`.
    """
    kind = CONTAINERS.get(out.suffix.lower())
    if kind is None:
        raise VideoError(f"{shown(out)} should end in one of {', '.join(CONTAINERS)}")
    if out.exists() and path.exists() and path.samefile(out):  # a sequence of stills is no file
        raise VideoError(f"{shown(out)} is the video itself; name another file for the clip")
    try:
        with replacing(out) as part, Reader(path, limits, failures) as reader:
            sound = sound_between(path, limits, failures, reader.clock.start, span)
            with closing(sound) if sound else nullcontext(), av.open(str(part), mode="w", format=kind) as container:
                (encode or encode_all)(reader, sound, span, container)
    except StorageError:
        raise
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{shown(out)} cannot be written: {(error.strerror or str(error)).lower()}") from error


def encode_all(reader: Reader, sound: Sound | None, span: Span, out: OutputContainer) -> None:
    """Encode every picture of the span anew, upright and in square pixels, and its sound."""
    picture_out: VideoStream | None = None
    sound_out = None
    lengths: dict[int, int] = {}
    orientations = Orientations()
    for begin, length, frame in timed(window(reader, *span), reader, span):
        turn = orientations.of(frame)
        if picture_out is None:
            picture_out = _picture_stream(out, frame, turn, aspect(reader.stream), reader.stream.average_rate)
            if sound is not None:
                sound_out = out.add_stream("aac", rate=sound.rate, layout=sound.layout)
        lengths[begin] = length
        coded = _upright(frame, turn, picture_out)
        coded.pts, coded.time_base = begin, TICKS
        mux(out, picture_out, coded, lengths)
        if sound is not None and sound_out is not None:
            for samples in sound.until(begin * TICKS):
                out.mux(sound_out.encode(samples))
    if picture_out is None:
        raise VideoError(f"{shown(reader.path)} has no picture between {float(span[0])} s and {float(span[1])} s")
    mux(out, picture_out, None, lengths)
    if sound is not None and sound_out is not None:
        for samples in sound.until(None):
            out.mux(sound_out.encode(samples))
        out.mux(sound_out.encode(None))


def timed(pictures: Iterator[Picture], reader: Reader, span: Span) -> Iterator[tuple[int, int, VideoFrame]]:
    """Begin and length of each picture, in ticks of the clip, with the picture; the last lasts until the end."""
    start, end = span
    held: tuple[int, VideoFrame] | None = None
    for tick, frame in pictures:
        time = reader.clock.time(tick)
        if time + NANOSECOND >= end and held is not None:
            break
        begin = max(0, round((time - start) / TICKS))
        if held is not None and begin > held[0]:
            yield held[0], begin - held[0], held[1]
        held = begin, frame
    if held is not None:
        yield held[0], max(1, round((end - start) / TICKS) - held[0]), held[1]


def _picture_stream(
    out: OutputContainer, frame: VideoFrame, turn: Orientation, sar: Fraction, rate: Fraction | None
) -> VideoStream:
    width, height = max(1, round(frame.width * sar)), frame.height
    if turn.transposed:
        width, height = height, width
    stream = out.add_stream("libx264", rate=rate or 25, options=QUALITY)
    stream.width, stream.height = max(2, width // 2 * 2), max(2, height // 2 * 2)
    stream.pix_fmt = "yuv420p"
    codec = stream.codec_context
    codec.time_base = TICKS
    codec.color_range, codec.colorspace = 1, frame.colorspace
    codec.color_primaries, codec.color_trc = frame.color_primaries, frame.color_trc
    return stream


def _upright(frame: VideoFrame, turn: Orientation, stream: VideoStream) -> VideoFrame:
    """The picture turned for display in the stream's size, plane by plane, so that its colours stay what they are."""
    width, height = (stream.height, stream.width) if turn.transposed else (stream.width, stream.height)
    scaled = frame.reformat(width=width, height=height, format="yuv420p", dst_color_range="MPEG")
    if turn == Orientation():
        return scaled
    flat = scaled.to_ndarray().reshape(-1)
    luma, chroma = width * height, width * height // 4
    planes = [
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(height // 2, width // 2),
        flat[luma + chroma :].reshape(height // 2, width // 2),
    ]
    turned = np.concatenate([turn.apply(plane).reshape(-1) for plane in planes])
    return VideoFrame.from_ndarray(turned.reshape(-1, stream.width), format="yuv420p")


def mux(out: OutputContainer, stream: VideoStream, frame: VideoFrame | None, lengths: dict[int, int]) -> None:
    """Encode a picture, or what is left for None; `lengths` holds how long each lasts, by its stamp, in its ticks."""
    for packet in stream.encode(frame):
        if packet.pts is not None:
            packet.duration = lengths.pop(packet.pts, packet.duration or 0)
        out.mux(packet)
