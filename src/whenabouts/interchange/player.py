"""The video of a page: inside it as it is, inside it as a small copy, or linked.

Browsers count from the first stamp of a stream they choose, whenabouts from the start of the container. A video goes
into the page as it is only where the two are the same; a copy is written on the clock of whenabouts.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable
from contextlib import closing, nullcontext
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import av
from av.video.stream import VideoStream

from whenabouts.video import Frame, Video
from whenabouts.video.reader import Failures
from whenabouts.video.sound import sound_between

__all__ = ["COPIED", "playable", "player", "write_copy"]

EMBED = 24_000_000  # bytes of a video that still goes into the page as it is
COPY = 600.0  # seconds of a video that still goes into the page as a small copy
COPIED = 4 * 3600.0  # seconds of a video of which a server still makes a copy
PICTURES = {"mp4": {"h264", "av1", "vp9"}, "webm": {"vp8", "vp9", "av1"}}  # what every current browser plays
SOUNDS = {"aac", "mp3", "opus", "vorbis", "flac"}
COPY_HEIGHT, COPY_RATE = 360, 30  # pixels, pictures per second: both at most
TICKS = 90_000


def player(video: Video, out: Path, *, embed: bool = True) -> tuple[str | None, str | None]:
    """An address for the player of the page at `out`, None without a player, and what to tell about it, if anything."""
    kind = playable(video)
    if embed and kind is not None and video.path.stat().st_size <= EMBED:
        return _address(kind, video.path), None
    if embed and video.duration <= COPY:
        with tempfile.TemporaryDirectory() as folder:
            return _address("mp4", write_copy(video, Path(folder) / "copy.mp4")), (
                "This page plays a small copy of the video; times are those of the original."
            )
    if kind is not None:
        return _link(video.path.resolve(), out.resolve().parent), (
            "The video is not inside this page: keep the two where they are, or move them together."
        )
    return None, "Browsers cannot play this video, and it is too long for a copy: times and pictures only."


def playable(video: Video) -> str | None:
    """The container's name in a media type, where browsers play what it holds and on the same clock."""
    probe = video.probe
    kind = next((kind for kind in PICTURES if kind in probe.container.split(",")), None)
    plays = (
        kind is not None
        and probe.codec in PICTURES[kind]
        and probe.pix_fmt in ("yuv420p", "yuvj420p")
        and probe.video_streams == 1
        and probe.start_time == 0
        and all(track.codec in SOUNDS for track in probe.audio)
    )
    return kind if plays else None


def _address(kind: str, path: Path) -> str:
    return f"data:video/{kind};base64," + base64.b64encode(path.read_bytes()).decode()


def _link(container: Path, folder: Path) -> str:
    """A relative address that no file name can turn into another scheme, query or fragment."""
    try:
        return "./" + quote(os.fsencode(os.path.relpath(container, folder)).replace(os.sep.encode(), b"/"))
    except ValueError:  # another drive
        return container.as_uri()


def write_copy(video: Video, out: Path, *, progress: Callable[[float], None] | None = None) -> Path:
    """A low, light H.264 copy with AAC sound, every picture at its true time, as an MP4 at `out`.

    `progress` receives the fraction done. Raises VideoError.
    """
    span = Fraction(0), Fraction(video.duration)
    sound = sound_between(video.path, video.limits, Failures(), Fraction(video.probe.start_time), span)
    with (
        closing(sound) if sound else nullcontext(),
        av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        picture = _picture_stream(container.add_stream("libx264", rate=COPY_RATE), video)
        voice = container.add_stream("aac", rate=sound.rate, layout=sound.layout) if sound else None
        middle, last = video.duration / 2, -1.0
        for shown in video.around(middle, middle, size=(picture.width, picture.height)):
            if shown.time < last + 0.9 / COPY_RATE:
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
    scale = min(1.0, COPY_HEIGHT / video.probe.height, 2 * COPY_HEIGHT / video.probe.width)
    stream.width, stream.height = (
        max(2, round(side * scale / 2) * 2) for side in (video.probe.width, video.probe.height)
    )
    stream.pix_fmt = "yuv420p"
    stream.options = {"preset": "veryfast", "crf": "29", "bf": "0", "g": "60"}
    stream.codec_context.time_base = Fraction(1, TICKS)
    return stream


def _coded(shown: Frame, *, first: bool) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(shown.image, format="rgb24").reformat(format="yuv420p")
    frame.pts = 0 if first else round(shown.time * TICKS)  # the first picture is on show from the start
    frame.time_base = Fraction(1, TICKS)
    return frame
