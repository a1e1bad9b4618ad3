"""Makes media files whose truth can be read back from their pixels, and files that are broken or odd.

Every picture carries its own number as sixteen black or white bars in its upper half, framed by a white bar on the left
and a black one on the right; the lower half is grey. `read_number` finds it again in an upright picture and refuses one
that is turned, mirrored or garbled.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

BITS = 16
TICKS = 90_000  # per second: holds whole milliseconds and the usual frame rates
# Display matrices by name: a b u c d v x y w.
TURNS = {
    "upright": (1, 0, 0, 1),
    "90": (0, 1, -1, 0),
    "180": (-1, 0, 0, -1),
    "270": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "flipped": (1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "transverse": (0, -1, -1, 0),
}


def draw(number: int, width: int = 144, height: int = 96) -> NDArray[np.uint8]:
    """An RGB picture (H, W, 3) that shows `number`."""
    bits = [1, *(number >> bit & 1 for bit in range(BITS)), 0]
    edges = np.linspace(0, width, len(bits) + 1).round().astype(int)
    image = np.full((height, width, 3), 128, np.uint8)
    for bit, left, right in zip(bits, edges, edges[1:], strict=False):
        image[: height // 2, left:right] = 235 * bit + 10 * (1 - bit)
    return image


def read_number(image: NDArray[np.uint8]) -> int:
    """The number that an upright picture of `draw` shows, at any size; AssertionError where none can be read."""
    height, width = image.shape[:2]
    centres = ((np.arange(BITS + 2) + 0.5) * width / (BITS + 2)).astype(int)
    row, below = image[height // 4, centres].mean(-1), image[3 * height // 4, centres].mean(-1)
    assert np.all(np.abs(row - 122) > 40), f"no bars in {row}"
    assert np.all(np.abs(below - 128) < 40), f"no grey below in {below}"
    assert row[0] > 128 > row[-1], "mirrored"
    return int(sum(int(value > 128) << bit for bit, value in enumerate(row[1:-1])))


def even_times(fps: Fraction | int = 25, seconds: float = 4.0) -> list[Fraction]:
    """Times of a constant frame rate from 0, in seconds."""
    return [Fraction(k) / fps for k in range(round(seconds * fps))]


def make_video(
    path: Path,
    *,
    times: Sequence[Fraction | float] | None = None,
    fps: Fraction | int = 25,
    seconds: float = 4.0,
    size: tuple[int, int] = (144, 96),
    gop: int = 12,
    bframes: int = 2,
    offset: float = 0.0,
    audio: tuple[float, float] | None = None,
    turn: str = "upright",
    sar: Fraction | None = None,
    pix_fmt: str = "yuv420p",
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    cover: bool = False,
    extra_videos: int = 0,
    muxer: str | None = None,
    numbers: Sequence[int] | None = None,
    timecode: str | None = None,
) -> list[Fraction]:
    """Write a video whose k-th picture shows k and begins at times[k] + offset seconds by the container's stamps.

    `size` is (width, height) as coded; a turned video is drawn so that a player shows it upright. `audio` is (from, to)
    in seconds of stamps: a 440 Hz tone. `cover` puts a still picture first; `extra_videos` puts smaller streams, which
    show number 60000, before the real one. `timecode` is that of the first picture. Returns the times,
    exact to the tick.
    """
    stamps = [round(Fraction(time) * TICKS) for time in (even_times(fps, seconds) if times is None else times)]
    with av.open(str(path), "w", format=muxer) as out:
        before = [_cover(out)] if cover else []
        extras = [_video(out, "libx264", (72, 48), fps, gop, 0, "yuv420p", {}) for _ in range(extra_videos)]
        stream = _video(out, codec, size, fps, gop, bframes, pix_fmt, options or {})
        if timecode is not None:
            stream.metadata["timecode"] = timecode
        if sar is not None:
            stream.sample_aspect_ratio = stream.codec_context.sample_aspect_ratio = sar
        if turn != "upright":
            a, b, c, d = TURNS[turn]
            stream.set_display_matrix([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30])
        sound = out.add_stream("aac", rate=44_100, layout="mono") if audio else None
        for packet in before:
            out.mux(packet)
        if sound is not None and audio is not None:
            _tone(out, sound, *audio)
        shown = size if TURNS[turn][0] else size[::-1]
        for k, stamp in enumerate(stamps):
            upright = draw(numbers[k] if numbers else k, *shown)
            _encode(out, stream, _as_coded(upright, turn), stamp + round(offset * TICKS))
            for extra in extras:
                _encode(out, extra, draw(60_000, 72, 48), stamp + round(offset * TICKS))
        for each in (stream, *extras):
            out.mux(each.encode(None))
    return [Fraction(stamp, TICKS) for stamp in stamps]


def _video(
    out: Any, codec: str, size: tuple[int, int], fps: Any, gop: int, bframes: int, pix_fmt: str, options: dict[str, str]
) -> Any:
    if codec == "libx264":
        options = {"preset": "ultrafast", "crf": "20", "bf": str(bframes), **options}
        options["x264-params"] = "scenecut=0:" + options.get("x264-params", "")
    stream = out.add_stream(codec, rate=fps, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = pix_fmt
    stream.codec_context.gop_size = gop
    calm(stream)
    # MPEG-2 and MPEG-4 Part 2 cannot count that fine.
    stream.codec_context.time_base = 1 / Fraction(fps) if codec.startswith("mpeg") else Fraction(1, TICKS)
    return stream


def calm(stream: Any) -> None:
    """Give libvpx one thread: several wait for each other by spinning, which takes minutes where others compute too."""
    if stream.codec_context.name.startswith("libvpx"):
        stream.codec_context.thread_count = 1


def _encode(out: Any, stream: Any, image: NDArray[np.uint8], stamp: int) -> None:
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=stream.pix_fmt)
    frame.time_base = stream.codec_context.time_base
    frame.pts = round(stamp / TICKS / frame.time_base)
    out.mux(stream.encode(frame))


def _as_coded(upright: NDArray[np.uint8], turn: str) -> NDArray[np.uint8]:
    """The picture that the display matrix turns into `upright`: each coded (x, y) holds what is shown at its image."""
    a, b, c, d = TURNS[turn]
    height, width = upright.shape[:2]
    coded_w, coded_h = (width, height) if a else (height, width)
    y, x = np.mgrid[:coded_h, :coded_w]
    shown_x, shown_y = a * x + c * y, b * x + d * y
    return np.ascontiguousarray(upright[shown_y - shown_y.min(), shown_x - shown_x.min()])


def _tone(out: Any, stream: Any, start: float, end: float) -> None:
    rate, step = 44_100, 1024
    for first in range(round(start * rate), round(end * rate), step):
        wave = np.sin(2 * np.pi * 440 * np.arange(first, first + step) / rate, dtype=np.float64)
        frame = av.AudioFrame.from_ndarray((0.3 * wave).astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _cover(out: Any) -> Any:
    stream = out.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 320, 320, "yuvj420p"
    stream.disposition = Disposition.attached_pic
    frame = av.VideoFrame.from_ndarray(np.full((320, 320, 3), 200, np.uint8)).reformat(format="yuvj420p")
    frame.pts = 0
    return [*stream.encode(frame), *stream.encode(None)]


def make_sound(path: Path, seconds: float = 2.0) -> Path:
    """A file with a 440 Hz tone and no picture."""
    with av.open(str(path), "w") as out:
        _tone(out, out.add_stream("aac", rate=44_100, layout="mono"), 0.0, seconds)
    return path


def malformed(folder: Path) -> list[Path]:
    """Write some forty broken or odd inputs into `folder`; a reader may succeed or give one sentence, no more."""
    good = folder / "good.mp4"
    make_video(good, seconds=2, audio=(0, 2))
    mp4 = good.read_bytes()
    stream_bytes = {}
    for suffix in (".ts", ".mkv", ".avi", ".flv", ".webm"):
        each = folder / f"good{suffix}"
        codec = "libvpx" if suffix == ".webm" else "mpeg4" if suffix == ".avi" else "libx264"
        make_video(each, seconds=2, codec=codec, bframes=0)
        stream_bytes[suffix] = each.read_bytes()
    rng = np.random.default_rng(7)
    faststart = folder / "front.mp4"
    make_video(faststart, seconds=2)
    front = _moov_first(faststart.read_bytes())

    contents: dict[str, bytes] = {
        "empty.mp4": b"",
        "one-byte.mp4": b"\0",
        "zeros.mp4": bytes(65_536),
        "noise.mp4": rng.bytes(65_536),
        "noise.ts": b"".join(b"\x47" + rng.bytes(187) for _ in range(400)),
        "text.mp4": b"this is not a video\n" * 50,
        "page.mp4": b"<!doctype html><title>404</title>" * 20,
        "no-moov.mp4": mp4[: mp4.index(b"moov") - 4],
        "half.mp4": mp4[: len(mp4) // 2],
        "front-half.mp4": front[: len(front) * 2 // 3],
        "front-no-data.mp4": front[: front.index(b"mdat") + 4],
        "only-ftyp.mp4": mp4[:32],
        "garbled-data.mp4": _garble(front, front.index(b"mdat") + 200, len(front), rng),
        "garbled-index.mp4": _garble(mp4, mp4.index(b"moov") + 40, len(mp4), rng),
        "half.ts": stream_bytes[".ts"][: len(stream_bytes[".ts"]) // 2],
        "torn-start.ts": stream_bytes[".ts"][2_000:],
        "garbled.ts": _garble(stream_bytes[".ts"], 2_000, len(stream_bytes[".ts"]), rng),
        "half.mkv": stream_bytes[".mkv"][: len(stream_bytes[".mkv"]) // 2],
        "garbled.mkv": _garble(stream_bytes[".mkv"], 1_000, len(stream_bytes[".mkv"]), rng),
        "half.avi": stream_bytes[".avi"][: len(stream_bytes[".avi"]) // 2],
        "garbled.avi": _garble(stream_bytes[".avi"], 6_000, len(stream_bytes[".avi"]), rng),
        "half.flv": stream_bytes[".flv"][: len(stream_bytes[".flv"]) // 2],
        "half.webm": stream_bytes[".webm"][: len(stream_bytes[".webm"]) // 2],
        "huge-duration.mp4": _with_duration(mp4, 0x7FFF_FFFF),
        "zero-duration.mp4": _with_duration(mp4, 0),
        "wide.mp4": _with_size(mp4, 65_535, 65_535),
        "playlist.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat.mp4": b"ffconcat version 1.0\nfile good.mp4\n",
        "session.mp4": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n",
        "dash.mp4": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
        "renamed-ts.mp4": stream_bytes[".ts"],
        "doubled.ts": stream_bytes[".ts"] * 2,
        "trailing-junk.mp4": mp4 + rng.bytes(10_000),
        "-leading-dash.mp4": mp4,
        "file:colon.mp4": mp4,
        "frame%03d.mp4": mp4,
        "spaces and 'quotes\".mp4": mp4,
    }
    written = []
    for name, content in contents.items():
        if os.name == "nt" and set(name) & set(':"'):
            continue
        (folder / name).write_bytes(content)
        written.append(folder / name)
    (folder / "folder.mp4").mkdir(exist_ok=True)
    image = folder / "still.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + rng.bytes(200))
    written += [make_sound(folder / "sound.m4a"), folder / "folder.mp4", folder / "absent.mp4", image]
    if os.name == "posix" and hasattr(os, "mkfifo"):
        pipe = folder / "pipe.mp4"
        if not pipe.exists():
            os.mkfifo(pipe)
        undecodable = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp4"))
        undecodable.write_bytes(mp4)
        written += [pipe, undecodable]
    return written


def _garble(content: bytes, start: int, end: int, rng: np.random.Generator) -> bytes:
    out = bytearray(content)
    for position in rng.integers(start, end, size=max(1, (end - start) // 200)):
        out[position] = int(rng.integers(256))
    return bytes(out)


def _moov_first(content: bytes) -> bytes:
    """The same mp4 with its index in front of its data, chunk offsets moved accordingly."""
    boxes, position = {}, 0
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        boxes[content[position + 4 : position + 8]] = content[position : position + length]
        position += length
    moov = bytearray(boxes[b"moov"])
    at = 0
    moved = len(moov) - len(boxes.get(b"free", b""))
    while (at := moov.find(b"stco", at + 1)) > 0:
        (count,) = struct.unpack_from(">I", moov, at + 8)
        for k in range(count):
            (old,) = struct.unpack_from(">I", moov, at + 12 + 4 * k)
            struct.pack_into(">I", moov, at + 12 + 4 * k, old + moved)
    return boxes[b"ftyp"] + bytes(moov) + boxes[b"mdat"]


def _with_duration(content: bytes, ticks: int) -> bytes:
    """The same mp4 with another declared duration in the headers of video, track and media."""
    out = bytearray(content)
    for box, at in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        position = -1
        while (position := content.find(box, position + 1)) > 0:
            struct.pack_into(">I", out, position + at, ticks)
    return bytes(out)


def _with_size(content: bytes, width: int, height: int) -> bytes:
    """The same mp4 with another coded size in its sample description."""
    out = bytearray(content)
    struct.pack_into(">HH", out, content.index(b"avc1", content.index(b"stsd")) + 28, width, height)
    return bytes(out)
