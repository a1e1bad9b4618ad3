"""The video of a page: embedded unchanged, embedded as a small copy, or linked.

Browsers count time from the first timestamp of one of the streams, whenabouts from the start of the container. A video
is embedded unchanged only if the two agree; a copy is written with the times of whenabouts.
"""

from __future__ import annotations

import base64
import os
import tempfile
from contextlib import closing, nullcontext
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import av
from av.video.stream import VideoStream

from whenabouts.progress import Fraction as Progress
from whenabouts.video import Frame, Video
from whenabouts.video.sound import sound_between

__all__ = ["MAX_SERVER_COPY_SECONDS", "playable", "player", "write_copy"]

MAX_EMBEDDED_BYTES = 24_000_000  # of a video that is embedded unchanged
MAX_EMBEDDED_COPY_SECONDS = 600.0  # of a video that is embedded as a small copy
MAX_SERVER_COPY_SECONDS = 4 * 3600.0  # of a video that a server copies for browsers
VIDEO_CODECS = {"mp4": {"h264", "av1", "vp9"}, "webm": {"vp8", "vp9", "av1"}}  # that all current browsers play
AUDIO_CODECS = {"aac", "mp3", "opus", "vorbis", "flac"}
MAX_COPY_HEIGHT, MAX_COPY_RATE = 360, 30  # pixels, frames per second
TICKS_PER_SECOND = 90_000


def player(video: Video, out: Path, *, embed: bool = True) -> tuple[str | None, str | None]:
    """The URL of the video for the page at `out`, None if it cannot be played; and a note for the reader, or None."""
    kind = playable(video)
    if embed and kind is not None and video.path.stat().st_size <= MAX_EMBEDDED_BYTES:
        return _data_url(kind, video.path), None
    if embed and video.duration <= MAX_EMBEDDED_COPY_SECONDS:
        with tempfile.TemporaryDirectory() as folder:
            return _data_url("mp4", write_copy(video, Path(folder) / "copy.mp4")), (
                "This page plays a small copy of the video; times are those of the original."
            )
    if kind is not None:
        return _link(video.path.resolve(), out.resolve().parent), (
            "The video is not embedded in this page: keep both files where they are, or move them together."
        )
    return None, "Browsers cannot play this video, and it is too long for a copy: only times and thumbnails are shown."


def playable(video: Video) -> str | None:
    """The container's name in a media type if browsers can play the video with the same times; else None."""
    probe = video.probe
    kind = next((kind for kind in VIDEO_CODECS if kind in probe.container.split(",")), None)
    plays = (
        kind is not None
        and probe.codec in VIDEO_CODECS[kind]
        and probe.pix_fmt in ("yuv420p", "yuvj420p")
        and probe.video_streams == 1
        and probe.start_time == 0
        and not probe.notes  # a browser's clock would be another
        and all(track.codec in AUDIO_CODECS for track in probe.audio)
    )
    return kind if plays else None


def _data_url(kind: str, path: Path) -> str:
    return f"data:video/{kind};base64," + base64.b64encode(path.read_bytes()).decode()


def _link(container: Path, folder: Path) -> str:
    """A relative URL, quoted such that no file name can add a scheme, query or fragment."""
    try:
        return "./" + quote(os.fsencode(os.path.relpath(container, folder)).replace(os.sep.encode(), b"/"))
    except ValueError:  # another drive
        return container.as_uri()


def write_copy(video: Video, out: Path, *, progress: Progress | None = None) -> Path:
    """Write a small copy as an MP4 at `out`: H.264 of low resolution with AAC sound, every frame at its true time.

    `progress` receives the fraction done. Raises VideoError.
    """
    span = Fraction(0), Fraction(video.duration)
    sound = sound_between(video.path, video.limits, video.failures, Fraction(video.probe.start_time), span)
    with (
        closing(sound) if sound else nullcontext(),
        av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        picture = _picture_stream(container.add_stream("libx264", rate=MAX_COPY_RATE), video)
        voice = container.add_stream("aac", rate=sound.rate, layout=sound.layout) if sound else None
        middle, last = video.duration / 2, -1.0
        for shown in video.around(middle, middle, size=(picture.width, picture.height)):
            if shown.time < last + 0.9 / MAX_COPY_RATE:
                continue
            container.mux(picture.encode(_coded(shown, first=last < 0)))
            last = shown.time
            if progress:
                progress(last / video.duration)
            if sound and voice:
                for samples in sound.until(Fraction(last)):
                    container.mux(voice.encode(samples))
        container.mux(picture.encode(None))
        if sound and voice:
            for samples in sound.until(None):
                container.mux(voice.encode(samples))
            container.mux(voice.encode(None))
    return out


def _picture_stream(stream: VideoStream, video: Video) -> VideoStream:
    scale = min(1.0, MAX_COPY_HEIGHT / video.probe.height, 2 * MAX_COPY_HEIGHT / video.probe.width)
    stream.width, stream.height = (
        max(2, round(side * scale / 2) * 2) for side in (video.probe.width, video.probe.height)
    )
    stream.pix_fmt = "yuv420p"
    stream.options = {"preset": "veryfast", "crf": "29", "bf": "0", "g": "60"}
    stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
    return stream


def _coded(shown: Frame, *, first: bool) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(shown.image, format="rgb24").reformat(format="yuv420p")
    frame.pts = 0 if first else round(shown.time * TICKS_PER_SECOND)  # the first frame is shown from the start
    frame.time_base = Fraction(1, TICKS_PER_SECOND)
    return frame
