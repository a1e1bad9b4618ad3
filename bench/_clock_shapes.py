"""Video files of many shapes, made so that the time of every picture is known without reading them.

Picture k shows the number k as bars. A shape says which pictures there are and when, in which codec and container, and
what is done to the bytes afterwards; its truth follows from that alone: the stamps given to the muxer, rounded to the
tick of the container, counted from the earliest stamp of the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import av
import numpy as np
from _clock_bytes import packed, with_default_duration, with_edits, without_offsets
from _clock_readers import BITS
from numpy.typing import NDArray

TICK = Fraction(1, 90_000)  # of MPEG, and of encoders where pictures come at uneven distances
MS = Fraction(1, 1000)
RATES = {"24p": Fraction(24_000, 1001), "25": Fraction(25), "30p": Fraction(30_000, 1001), "60": Fraction(60)}
ROUNDED = {".mkv": MS, ".webm": MS, ".flv": MS, ".wmv": MS, ".rm": MS, ".ts": TICK, ".mpg": TICK, ".vob": TICK}
SMALL_BITRATE = {"b": "3M"}  # codecs that would smear the numbers otherwise


@dataclass(frozen=True)
class Shape:
    """One file of pictures at `times`, seconds; `sound` is from when to when there is a tone, and its codec.

    `shown` maps the pictures that were encoded to those that a player shows and when, where that is not all of them.
    """

    name: str
    suffix: str
    codec: str = "libx264"
    times: tuple[Fraction, ...] = tuple(Fraction(k, 25) for k in range(50))
    step: Fraction = Fraction(1, 25)
    bframes: int = 0
    gop: int = 12
    sound: tuple[float, float, str] | None = None
    options: dict[str, str] = field(default_factory=dict)
    muxer: str | None = None
    mux: dict[str, str] = field(default_factory=dict)
    pix_fmt: str = "yuv420p"
    size: tuple[int, int] = (176, 144)
    cover: bool = False
    parts: int = 1
    repack: Callable[[list[bytes]], list[bytes]] | None = None
    after: Callable[[bytes], bytes] = bytes
    shown: Callable[[list[Fraction]], list[tuple[int, Fraction]]] = lambda times: list(enumerate(times))

    @property
    def tick(self) -> Fraction:
        """Of the container; 0 where it holds the times as they are."""
        return ROUNDED.get(self.suffix, Fraction(0))


def draw(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """An RGB picture (H, W, 3) that shows `number` in its upper half."""
    bits = [1, *(number >> bit & 1 for bit in range(BITS)), 0]
    edges = np.linspace(0, width, len(bits) + 1).round().astype(int)
    image = np.full((height, width, 3), 128, np.uint8)
    for bit, left, right in zip(bits, edges, edges[1:], strict=False):
        image[: height // 2, left:right] = 235 if bit else 16
    return image


def make(shape: Shape, folder: Path) -> tuple[Path, list[tuple[int, Fraction]]]:
    """Write a shape. Returns its file, and the numbers and times of its pictures."""
    path, begin, content = folder / f"{shape.name}{shape.suffix}", Fraction(0), b""
    truth: list[tuple[int, Fraction]] = []
    for _ in range(shape.parts):
        stamps, start = _write(shape, path, len(truth))
        content += path.read_bytes()
        times = [begin + _rounded(stamp, shape.tick) - _rounded(start, shape.tick) for stamp in stamps]
        truth += [(len(truth) + number, time) for number, time in shape.shown(times)]
        begin = truth[-1][1] + _rounded(shape.step, shape.tick)
    path.write_bytes(shape.after(content))
    return path, truth


def _rounded(time: Fraction, tick: Fraction) -> Fraction:
    return math.floor(time / tick + Fraction(1, 2)) * tick if tick else time


def _write(shape: Shape, path: Path, first: int) -> tuple[list[Fraction], Fraction]:
    """Encode and mux; the stamps of the pictures, and the earliest of the file."""
    begins: list[Fraction] = []
    with av.open(str(path), "w", format=shape.muxer, options=shape.mux) as out:
        cover = _cover(out) if shape.cover else []
        stream = _pictures(out, shape)
        tone = out.add_stream(shape.sound[2], rate=48_000, layout="mono") if shape.sound else None
        for packet in cover:
            out.mux(packet)
        if tone is not None and shape.sound:
            for packet in _tone(tone, shape.sound[0], shape.sound[1]):
                begins.append(packet.pts * packet.time_base)
                out.mux(packet)
        base, coded = stream.codec_context.time_base, []
        for k, time in enumerate(shape.times):
            image = draw(first + k, *shape.size)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=shape.pix_fmt)
            frame.pts, frame.time_base = round(time / base), base
            coded += stream.encode(frame)
        for packet in _repacked(shape, stream, [*coded, *stream.encode(None)]):
            out.mux(packet)
    stamps = [round(time / base) * base for time in shape.times]
    return stamps, min([*begins, stamps[0]])


def _repacked(shape: Shape, stream: Any, packets: list[Any]) -> Iterator[Any]:
    if shape.repack is None:
        yield from packets
        return
    for number, content in enumerate(shape.repack([bytes(packet) for packet in packets])):
        packet = av.Packet(content)
        packet.pts = packet.dts = number
        packet.time_base, packet.stream, packet.is_keyframe = shape.step, stream, packets[0].is_keyframe and not number
        yield packet


def _pictures(out: Any, shape: Shape) -> Any:
    options = dict(shape.options)
    if shape.codec == "libx264":
        options = {"preset": "ultrafast", "crf": "18", "bf": str(shape.bframes)} | options
        options["x264-params"] = "scenecut=0:" + options.get("x264-params", "")
    elif shape.codec == "libx265":
        options = {"preset": "ultrafast", "x265-params": f"log-level=0:bframes={shape.bframes}"} | options
    elif shape.codec.startswith("libvpx"):
        options["threads"] = "1"  # several wait for each other by spinning
    elif shape.bframes:
        options["bf"] = str(shape.bframes)
    stream = out.add_stream(shape.codec, rate=1 / shape.step, options=options)
    stream.width, stream.height = shape.size
    stream.pix_fmt = shape.pix_fmt
    even = all(time / shape.step == round(time / shape.step) for time in shape.times)
    stream.codec_context.time_base = shape.step if even else TICK
    stream.codec_context.gop_size = shape.gop
    return stream


def _tone(stream: Any, start: float, end: float) -> Iterator[Any]:
    for first in range(round(start * 48_000), round(end * 48_000), 1024):
        wave = np.sin(np.arange(first, first + 1024) / 20)
        frame = av.AudioFrame.from_ndarray((9000 * wave).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, first, Fraction(1, 48_000)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _cover(out: Any) -> list[Any]:
    stream = out.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 320, 320, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    frame = av.VideoFrame.from_ndarray(np.full((320, 320, 3), 200, np.uint8)).reformat(format="yuvj420p")
    frame.pts = 0
    return [*stream.encode(frame), *stream.encode(None)]


def _even(rate: Fraction, count: int = 50, begin: Fraction | int = 0) -> tuple[Fraction, ...]:
    return tuple((begin + k) / rate for k in range(count))


def _uneven(tick: Fraction = MS) -> tuple[Fraction, ...]:
    """Gaps between 10 and 120 ms that do not repeat soon."""
    gaps = [Fraction(10 + 37 * k * k % 111, 1000) // tick * tick for k in range(49)]
    return (Fraction(0), *accumulate(gaps))


PAUSE = tuple(Fraction(k, 25) for k in (*range(25), *range(750, 775)))
DROPPED = tuple(Fraction(k, 25) for k in range(80) if k % 7 not in (2, 3, 5))
CONTAINERS = (".mp4", ".mov", ".mkv", ".ts", ".flv")


def shapes() -> Iterator[Shape]:
    """Every shape, with a name of its own."""
    yield from _h264()
    yield from _codecs()
    yield from _clocks()
    yield from _edited()
    yield from _streams()
    yield from _oddities()


def _h264() -> Iterator[Shape]:
    for suffix in CONTAINERS:
        for bframes in (0, 3):
            b = f"-b{bframes}{suffix.replace('.', '-')}"
            for name, rate in RATES.items():
                yield Shape(f"h264-{name}{b}", suffix, times=_even(rate), step=1 / rate, bframes=bframes)
            yield Shape(f"h264-vfr{b}", suffix, times=_uneven(), bframes=bframes)
            yield Shape(f"h264-pause{b}", suffix, times=PAUSE, bframes=bframes)
    for suffix in (".mp4", ".mkv", ".ts"):
        s, medium = suffix.replace(".", "-"), {"preset": "medium"}
        yield Shape(f"open-gop{s}", suffix, bframes=3, options=medium | {"x264-params": "open-gop=1:b-pyramid=normal"})
        yield Shape(f"refresh{s}", suffix, gop=20, options={"x264-params": "intra-refresh=1"})
        yield Shape(f"long-gop{s}", suffix, bframes=2, gop=250)
        yield Shape(f"every-key{s}", suffix, gop=1)
        yield Shape(f"interlaced{s}", suffix, bframes=2, options={"x264-params": "interlaced=1:tff=1"})
        yield Shape(f"deep-reorder{s}", suffix, times=_uneven(), bframes=8, gop=50, options=medium)


def _codecs() -> Iterator[Shape]:
    for suffix in (".mp4", ".mkv", ".ts"):
        s = suffix.replace(".", "-")
        yield Shape(f"hevc-b2{s}", suffix, codec="libx265", bframes=2)
        yield Shape(f"hevc-vfr{s}", suffix, codec="libx265", bframes=3, times=_uneven())
    for codec, suffix in (("libvpx", ".webm"), ("libvpx-vp9", ".webm"), ("libvpx-vp9", ".mp4"), ("libvpx", ".ogg")):
        name = f"{codec}{suffix.replace('.', '-')}"
        yield Shape(name, suffix, codec=codec, options=SMALL_BITRATE)
    yield Shape("vp9-vfr-webm", ".webm", codec="libvpx-vp9", options=SMALL_BITRATE, times=_uneven())
    for suffix in (".mp4", ".webm", ".mkv"):
        yield Shape(f"av1{suffix.replace('.', '-')}", suffix, codec="libsvtav1", options={"preset": "12"})
    for codec, suffix in (
        ("mpeg2video", ".ts"),
        ("mpeg2video", ".mpg"),
        ("mpeg2video", ".vob"),
        ("mpeg1video", ".mpg"),
    ):
        for bframes in (0, 2):
            name = f"{codec}-b{bframes}{suffix.replace('.', '-')}"
            yield Shape(name, suffix, codec=codec, bframes=bframes, options=SMALL_BITRATE)
    for suffix in (".mp4", ".avi", ".mkv", ".mov"):
        for bframes in (0, 2):
            name = f"mpeg4-b{bframes}{suffix.replace('.', '-')}"
            yield Shape(name, suffix, codec="mpeg4", bframes=bframes, options=SMALL_BITRATE)
    for codec, suffix, pix_fmt in (
        ("mjpeg", ".avi", "yuvj420p"),
        ("mjpeg", ".mov", "yuvj420p"),
        ("prores_ks", ".mov", "yuv422p10le"),
        ("ffv1", ".mkv", "yuv420p"),
        ("ffv1", ".avi", "yuv420p"),
        ("huffyuv", ".avi", "yuv422p"),
        ("qtrle", ".mov", "rgb24"),
        ("gif", ".gif", "rgb8"),
        ("apng", ".apng", "rgb24"),
        ("rawvideo", ".avi", "bgr24"),
        ("rawvideo", ".nut", "yuv420p"),
        ("magicyuv", ".avi", "yuv420p"),
    ):
        yield Shape(f"{codec}{suffix.replace('.', '-')}", suffix, codec=codec, pix_fmt=pix_fmt)
    yield Shape("flv1-flv", ".flv", codec="flv", options=SMALL_BITRATE)
    yield Shape("h263-3gp", ".3gp", codec="h263", options=SMALL_BITRATE)
    yield Shape("wmv2-wmv", ".wmv", codec="wmv2", options=SMALL_BITRATE)
    yield Shape("wmv2-avi", ".avi", codec="wmv2", options=SMALL_BITRATE)
    yield Shape("rv20-rm", ".rm", codec="rv20", options=SMALL_BITRATE)
    yield Shape("mpeg2-mxf", ".mxf", codec="mpeg2video", options=SMALL_BITRATE)
    yield Shape("mpeg2-b2-mxf", ".mxf", codec="mpeg2video", options=SMALL_BITRATE, bframes=2)
    yield Shape("mpeg2-interlaced-ts", ".ts", codec="mpeg2video", options=SMALL_BITRATE | {"flags": "+ildct+ilme"})
    yield Shape("dv-avi", ".avi", codec="dvvideo", size=(720, 576))


def _clocks() -> Iterator[Shape]:
    for suffix in (".ts", ".mkv", ".mpg", ".mp4", ".mov"):
        codec = "mpeg2video" if suffix == ".mpg" else "libx264"
        options, name = SMALL_BITRATE if suffix == ".mpg" else {}, suffix.replace(".", "-")
        yield Shape(f"offset-10{name}", suffix, codec, times=_even(Fraction(25), 50, 250), bframes=2, options=options)
        for kind, sound in (("first", (0, 4)), ("late", (3, 5)), ("longer", (2, 7)), ("shorter", (2, 3))):
            begin = 50 if kind != "late" else 0
            tone = (*sound, "mp2" if suffix in (".ts", ".mpg") else "flac" if suffix == ".mkv" else "pcm_s16le")
            if suffix != ".mp4":
                yield Shape(
                    f"sound-{kind}{name}",
                    suffix,
                    codec,
                    times=_even(Fraction(25), 50, begin),
                    bframes=2,
                    sound=tone,
                    options=options,
                )
    wrap = round(Fraction(1 << 33, 90_000) * 25) - 25
    yield Shape("wrap-ts", ".ts", times=_even(Fraction(25), 50, wrap), bframes=2)
    yield Shape("before-wrap-ts", ".ts", times=_even(Fraction(25), 50, wrap - 60), bframes=2)


def _edited() -> Iterator[Shape]:
    def after_25(times: list[Fraction]) -> list[tuple[int, Fraction]]:
        return [(k, time - times[25]) for k, time in enumerate(times) if k >= 25]

    def without_middle(times: list[Fraction]) -> list[tuple[int, Fraction]]:
        return [(k, Fraction(k if k < 25 else k - 25, 25)) for k in (*range(25), *range(50, 75))]

    for suffix in (".mp4", ".mov"):
        s = suffix.replace(".", "-")
        yield Shape(f"cut-in{s}", suffix, times=_even(Fraction(25), 75, -25), bframes=2, gop=25, shown=after_25)
        yield Shape(f"no-edits{s}", suffix, bframes=2, mux={"use_editlist": "0"})
        yield Shape(f"fragments{s}", suffix, bframes=2, mux={"movflags": "frag_keyframe+empty_moov"})
        yield Shape(
            f"dash{s}", suffix, bframes=2, mux={"movflags": "dash+frag_keyframe+empty_moov+negative_cts_offsets"}
        )
        yield Shape(f"index-first{s}", suffix, bframes=2, mux={"movflags": "faststart"})
        yield Shape(f"negative-offsets{s}", suffix, bframes=2, mux={"movflags": "negative_cts_offsets"})
    yield Shape(
        "two-edits-mp4",
        ".mp4",
        times=_even(Fraction(25), 100),
        gop=25,
        after=lambda content: with_edits(content, [(1000, 0), (1000, 2 * 12_800)]),
        shown=without_middle,
    )
    yield Shape("no-offsets-mp4", ".mp4", bframes=2, mux={"use_editlist": "0"}, after=without_offsets)
    yield Shape("cover-mp4", ".mp4", bframes=2, cover=True)
    yield Shape("cover-mov", ".mov", bframes=2, cover=True)


def _streams() -> Iterator[Shape]:
    for bframes in (0, 2, 3):
        yield Shape(f"raw-h264-b{bframes}", ".h264", bframes=bframes)
    yield Shape("raw-h264-pyramid", ".264", bframes=3, muxer="h264", options={"preset": "medium"})
    yield Shape("raw-hevc", ".hevc", codec="libx265", bframes=2)
    yield Shape("raw-hevc-60", ".hevc", codec="libx265", bframes=3, times=_even(RATES["60"]), step=1 / RATES["60"])
    for bframes in (0, 2):
        yield Shape(f"raw-m2v-b{bframes}", ".m2v", "mpeg2video", bframes=bframes, options=SMALL_BITRATE)
        yield Shape(f"raw-m4v-b{bframes}", ".m4v", "mpeg4", bframes=bframes, options=SMALL_BITRATE, muxer="m4v")
    rate = RATES["24p"]
    yield Shape("raw-m2v-24p", ".m2v", "mpeg2video", times=_even(rate), step=1 / rate, bframes=2, options=SMALL_BITRATE)
    yield Shape("raw-m1v", ".m1v", "mpeg1video", bframes=2, options=SMALL_BITRATE)
    yield Shape("raw-mjpeg", ".mjpeg", "mjpeg", pix_fmt="yuvj420p")
    yield Shape("raw-obu", ".obu", "libsvtav1", options={"preset": "12"})
    for codec in ("libvpx", "libvpx-vp9"):
        yield Shape(f"ivf-{codec}", ".ivf", codec, options=SMALL_BITRATE)
    yield Shape("ivf-av1", ".ivf", "libsvtav1", options={"preset": "12"})
    yield Shape("y4m", ".y4m", "rawvideo")
    for bframes in (0, 2):
        yield Shape(f"joined-ts-b{bframes}", ".ts", bframes=bframes, parts=2)
        yield Shape(f"joined-mpg-b{bframes}", ".mpg", "mpeg2video", bframes=bframes, parts=2, options=SMALL_BITRATE)
    yield Shape("joined-ts-four", ".ts", bframes=3, parts=4)
    yield Shape("joined-h264-mpg", ".mpg", bframes=2, parts=2)
    yield Shape("joined-vob", ".vob", "mpeg2video", bframes=2, parts=2, options=SMALL_BITRATE)
    yield Shape("joined-ts-mpeg2", ".ts", "mpeg2video", bframes=2, parts=3, options=SMALL_BITRATE)


def _oddities() -> Iterator[Shape]:
    for bframes in (0, 1, 2, 3):
        yield Shape(f"h264-b{bframes}-avi", ".avi", bframes=bframes)
    yield Shape("h264-pyramid-avi", ".avi", bframes=3, options={"preset": "medium", "x264-params": "b-pyramid=normal"})
    yield Shape("h264-open-gop-avi", ".avi", bframes=2, options={"preset": "medium", "x264-params": "open-gop=1"})
    yield Shape("h264-dropped-avi", ".avi", times=DROPPED)
    yield Shape("h264-dropped-b2-avi", ".avi", times=DROPPED, bframes=2)
    yield Shape("mpeg4-dropped-avi", ".avi", "mpeg4", times=DROPPED, options=SMALL_BITRATE)
    yield Shape("packed-avi", ".avi", "mpeg4", bframes=2, options=SMALL_BITRATE, repack=packed)
    yield Shape("packed-b1-avi", ".avi", "mpeg4", bframes=1, options=SMALL_BITRATE, repack=packed)
    yield Shape("h264-b2-mpg", ".mpg", bframes=2)
    yield Shape("h264-b0-mpg", ".mpg")
    for seconds in (0.001, 0.1, 1):
        length = int(seconds * 1e9)
        yield Shape(
            f"length-{seconds}-mkv",
            ".mkv",
            bframes=2,
            after=lambda content, length=length: with_default_duration(content, length),  # type: ignore[misc]
        )
    yield Shape("one-second-mp4", ".mp4", times=_even(Fraction(1), 20), step=Fraction(1))
    yield Shape("slides-mkv", ".mkv", times=tuple(Fraction(k * 60) for k in range(10)))
    yield Shape("slides-b2-mp4", ".mp4", times=tuple(Fraction(k * 60) for k in range(10)), bframes=2)
    yield Shape("fast-mp4", ".mp4", times=_even(Fraction(240)), step=Fraction(1, 240), bframes=2)
    yield Shape("fast-mkv", ".mkv", times=_even(Fraction(240)), step=Fraction(1, 240), bframes=2)
    yield Shape("short-mp4", ".mp4", times=_even(Fraction(25), 1))
    yield Shape("short-ts", ".ts", times=_even(Fraction(25), 3), bframes=2)
