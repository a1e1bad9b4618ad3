"""Writes a view as a video file, so that programs that read files can be given it."""

from __future__ import annotations

from contextlib import closing, nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenabouts.errors import InputError, StorageError, VideoError
from whenabouts.files.atomic import replacing
from whenabouts.progress import Fraction as Share
from whenabouts.video.clock import NANOSECOND
from whenabouts.video.cut import CONTAINERS, QUALITY, TICKS, mux
from whenabouts.video.edit.pieces import between, of_files
from whenabouts.video.edit.sound import EditedSound, edited_sound
from whenabouts.video.source import shown
from whenabouts.video.video import Video

__all__ = ["write"]


def write(
    video: Video, out: Path, start: float = 0.0, end: float | None = None, *, progress: Share | None = None
) -> Path:
    """Write [start, end) of a view as .mp4, .m4v, .mov or .mkv, and return its path.

    H.264 with every picture at its true time, the first one from time 0 on, and the sound in step, as AAC. `out` is
    replaced only when complete, and is none of the files that are shown. One picture is held at a time. `progress`
    receives the fraction done. Raises InputError, VideoError.
    """
    kind = CONTAINERS.get(out.suffix.lower())
    if kind is None:
        raise VideoError(f"{shown(out)} should end in one of {', '.join(CONTAINERS)}")
    pieces = of_files(video)
    if out.exists() and any(p.video.path.exists() and p.video.path.samefile(out) for p in pieces):
        raise VideoError(f"{shown(out)} is the video itself; name another file for the edited one")
    duration = video.duration
    last = duration if end is None else min(end, duration)
    if not 0 <= start < last:
        raise InputError(f"a clip needs 0 <= start < end within {duration:.3f} s, got {start} to {end}")
    try:
        with replacing(out) as file:
            sound = edited_sound(between(pieces, Fraction(start), Fraction(last)))
            with closing(sound) if sound else nullcontext(), av.open(str(file), mode="w", format=kind) as container:
                _encode(video, (start, last), sound, container, progress)
    except StorageError:
        raise
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{shown(out)} cannot be written: {(error.strerror or str(error)).lower()}") from error
    return out


def _encode(
    video: Video,
    span: tuple[float, float],
    sound: EditedSound | None,
    out: OutputContainer,
    progress: Share | None,
) -> None:
    start, end = span
    low = max(0, int(np.searchsorted(video.times, start + float(NANOSECOND), "right")) - 1)
    times = video.times[low : max(low + 1, int(np.searchsorted(video.times, end - float(NANOSECOND), "left")))]
    begins = np.round((times - start) / float(TICKS)).astype(np.int64)
    begins[0] = 0
    chosen = np.flatnonzero(np.append(np.diff(begins) > 0, True))  # of pictures in one tick the last is seen
    stamps = begins[chosen]
    until = np.append(stamps[1:], max(stamps[-1] + 1, round((end - start) / float(TICKS))))
    lengths: dict[int, int] = {}
    stream = sound_stream = None
    frames = video.at(times[chosen].tolist())
    for begin, stop, frame in zip(stamps.tolist(), until.tolist(), frames, strict=False):
        if stream is None:
            stream = _picture_stream(out, frame.image.shape[1], frame.image.shape[0], video.probe.average_rate)
            if sound is not None:
                sound_stream = out.add_stream("aac", rate=sound.rate, layout=sound.layout)
        lengths[begin] = stop - begin
        picture = VideoFrame.from_ndarray(frame.image, format="rgb24")
        coded = picture.reformat(width=stream.width, height=stream.height, format="yuv420p", interpolation="BILINEAR")
        coded.pts, coded.time_base = begin, TICKS
        mux(out, stream, coded, lengths)
        if progress:
            progress(stop / int(until[-1]))
        if sound is not None and sound_stream is not None:
            for samples in sound.until(begin * TICKS):
                out.mux(sound_stream.encode(samples))
    if stream is None:
        raise VideoError(f"{shown(video.path)} gave no picture that could be decoded")
    mux(out, stream, None, lengths)
    if sound is not None and sound_stream is not None:
        for samples in sound.until(None):
            out.mux(sound_stream.encode(samples))
        out.mux(sound_stream.encode(None))


def _picture_stream(out: OutputContainer, width: int, height: int, rate: Fraction | None) -> VideoStream:
    stream = out.add_stream("libx264", rate=rate or 25, options=QUALITY)
    stream.width, stream.height = max(2, width // 2 * 2), max(2, height // 2 * 2)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = TICKS
    return stream
