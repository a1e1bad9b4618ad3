"""Small videos with text tracks and sound, made by PyAV for tests of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.subtitles.subtitle import SubtitleSet

ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,16

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
Line = tuple[float, float, str]


def video(
    path: Path,
    *,
    seconds: float = 6,
    offset: int = 0,
    codec: str | None = None,
    lines: Sequence[Line] = (),
    pictures: Sequence[np.ndarray] = (),
    fps: int = 10,
    sound: np.ndarray | None = None,
    sound_from: float = 0.0,
    rate: int = 16_000,
    encoder: str = "mpeg4",
) -> Path:
    """A video whose stamps begin at `offset` seconds, with a text track, given pictures and mono sound (all optional).

    `lines` and `sound_from` are in media time. Pictures are spread evenly; black where there are none.
    """
    with av.open(str(path), "w") as out:
        video = out.add_stream(encoder, rate=fps)
        height, width = pictures[0].shape[:2] if len(pictures) else (64, 64)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.bit_rate = 4_000_000
        text = None
        if codec:
            text = out.add_stream(codec)
            text.codec_context.subtitle_header = ASS_HEADER
            text.time_base = Fraction(1, 1000)
        audio = None
        if sound is not None:
            audio = out.add_stream("flac" if path.suffix == ".mkv" else "aac", rate=rate)
            audio.layout = "mono"
        count = round(seconds * fps)
        for k in range(count):
            image = pictures[k * len(pictures) // count] if len(pictures) else np.zeros((64, 64, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = k + offset * fps, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for index, (start, end, line) in enumerate(lines):
            event = f"{index},0,Default,,0,0,0,,{line}".encode()
            packet = text.codec_context.encode_subtitle(SubtitleSet.create(event, 0, round((end - start) * 1000)))
            packet.stream, packet.time_base = text, Fraction(1, 1000)
            packet.pts = packet.dts = round((start + offset) * 1000)
            packet.duration = round((end - start) * 1000)
            out.mux(packet)
        if audio is not None:
            lossless = audio.codec_context.name == "flac"
            for at in range(0, len(sound), 1024):
                block = np.ascontiguousarray(sound[None, at : at + 1024], dtype=np.float32)
                block = (block * 32767).astype(np.int16) if lossless else block
                frame = av.AudioFrame.from_ndarray(block, format="s16" if lossless else "fltp", layout="mono")
                frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
                frame.pts = at + round((sound_from + offset) * rate)
                out.mux(audio.encode(frame))
            out.mux(audio.encode(None))
    return path
