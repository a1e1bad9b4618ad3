"""Writes a clip from packets that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import av
from av.packet import Packet

from whenabouts.errors import StorageError, VideoError
from whenabouts.video.clock import Clock
from whenabouts.video.cut import write_clip
from whenabouts.video.damage.failures import Failures
from whenabouts.video.limits import Limits
from whenabouts.video.reader import Reader
from whenabouts.video.smart_cut import encode_edges
from whenabouts.video.source import shown

if TYPE_CHECKING:
    from whenabouts.video.live.ring import Kept

__all__ = ["Clip", "write"]

ROUNDED = Fraction(2, 1000)  # seconds: Matroska counts in milliseconds, and so does its beginning
Span = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was written: its file, and what it covers, in seconds of the stream.

    note: what it lacks of what was wanted, in one sentence
    """

    path: Path
    start: float
    end: float
    note: str | None = None


def write(head: bytes, packets: Sequence[Kept], wanted: Span, held: Span, out: Path) -> Clip:
    """Write the pictures and sound of `packets` that are in `held`, which is the part of `wanted` that is there.

    They are first copied to a file beside `out`, and that is cut. Raises VideoError.
    """
    try:
        with TemporaryDirectory(prefix=".", suffix=".part", dir=out.parent) as folder:
            copy = Path(folder) / "copy.mkv"
            first, keys = _copy(head, _needed(packets, held), held, copy)
            failures = Failures()
            with Reader(copy, Limits(), failures) as reader:
                begins = reader.clock.start
                is_simple = reader.stream.codec_context.name == "h264" and keys > 1
            span = held[0] - first - begins + ROUNDED, held[1] - first - begins - ROUNDED
            write_clip(copy, Limits(), failures, span, out, encode_edges if is_simple else None)
    except StorageError:
        raise
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{shown(out)} cannot be written: {(error.strerror or str(error)).lower()}") from None
    return Clip(out, float(held[0]), float(held[1]), _lacks(wanted, held))


def _needed(packets: Sequence[Kept], held: Span) -> list[Kept]:
    """From the last keyframe that begins by the start, to the last packet that may begin before the end."""
    entry = max((k for k, each in enumerate(packets) if each.is_key and each.begin <= held[0]), default=0)
    needed = []
    for each in packets[entry:]:
        decoded = each.begin if each.dts is None else each.begin - (each.pts - each.dts) * each.base
        if each.is_picture and decoded >= held[1]:
            break
        if each.is_picture or each.begin < held[1]:
            needed.append(each)
    return needed


def _copy(head: bytes, packets: Sequence[Kept], held: Span, path: Path) -> tuple[Fraction, int]:
    """Write packets to a file as they are; what its stamp 0 means on the stream, and how many keyframes are held."""
    earliest = min(each.begin - max(0, each.pts - (each.dts or each.pts)) * each.base for each in packets)
    clock_start = packets[0].pts * packets[0].base - packets[0].begin
    keys = 0
    with av.open(BytesIO(head)) as template, av.open(str(path), "w", format="matroska") as out:
        picture = out.add_stream_from_template(template.streams.video[0])
        sounds = [out.add_stream_from_template(each) for each in template.streams.audio]
        for each in packets:
            shift = Clock(each.base, clock_start).tick(earliest)
            packet: Packet[Any] = Packet(each.data)
            packet.pts, packet.duration, packet.time_base = each.pts - shift, each.duration, each.base
            packet.dts = None if each.dts is None else each.dts - shift
            packet.is_keyframe = each.is_key or not each.is_picture
            packet.stream = picture if each.is_picture else sounds[0]
            out.mux(packet)
            keys += each.is_key and held[0] <= each.begin < held[1]
    return earliest, keys


def _lacks(wanted: Span, held: Span) -> str | None:
    if held == wanted:
        return None
    return (
        f"the clip holds {float(held[0]):.1f} s to {float(held[1]):.1f} s of the stream and not "
        f"{float(wanted[0]):.1f} s to {float(wanted[1]):.1f} s: the rest is not kept"
    )
