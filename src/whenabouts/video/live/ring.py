"""The recent part of a stream as it was sent, not decoded, so that clips can be written of what has already been."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import av
from av.packet import Packet

from whenabouts.errors import InputError, VideoError
from whenabouts.video.clock import Clock
from whenabouts.video.live.clip import Clip, write
from whenabouts.video.live.connection import Connection

__all__ = ["Kept", "Ring", "Segment"]

UNKNOWN = 16  # pixels
ANNEX_B = b"\0\0"  # how parameter sets begin that are not in the form of mp4


class Kept(NamedTuple):
    """A packet's bytes and stamps; `begin` and `end` are seconds of the stream."""

    data: bytes
    pts: int
    dts: int | None
    duration: int
    base: Fraction
    is_key: bool
    is_picture: bool
    begin: Fraction
    end: Fraction


@dataclass(slots=True)
class Segment:
    """A run of the stream without a break: one connection, one clock. `head` is a small file that names its codecs."""

    connection: Connection
    clock_start: Fraction
    head: bytes = b""
    refused: str = ""  # why no clip can be written of it


@dataclass(slots=True)
class _Group:
    """A keyframe and all that comes before the next."""

    segment: Segment
    packets: list[Kept] = field(default_factory=list)
    size: int = 0


class Ring:
    """Keeps at least the last `seconds` of a stream, from the keyframe before, but never more than `most_bytes`.

    One thread adds; any may ask for clips.
    """

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds, self._most_bytes = Fraction(seconds), most_bytes
        self._groups: deque[_Group] = deque()
        self._segment: Segment | None = None
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes that are kept now."""
        return self._size

    @property
    def span(self) -> tuple[float, float] | None:
        """From when to when, in seconds of the stream, something is kept; there may be breaks within."""
        with self._lock:
            if not self._groups:
                return None
            first, last = self._groups[0].packets[0], max(each.end for each in self._groups[-1].packets)
            return float(first.begin), float(last)

    def part(self, connection: Connection, clock_start: Fraction) -> None:
        """Begin a new segment: of another connection, or after its clock jumped."""
        before = self._segment
        head = before.head if before is not None and before.connection is connection else b""
        self._segment = Segment(connection, clock_start, head)

    def add(self, packet: Packet[Any], *, is_picture: bool) -> None:
        """Keep a packet that was placed on the clock; nothing before the first keyframe of a segment is kept."""
        segment = self._segment
        stamp = packet.pts if packet.pts is not None else packet.dts
        if segment is None or stamp is None:
            return
        base = Fraction(packet.time_base)
        begin = Clock(base, segment.clock_start).time(stamp)
        end = begin + max(0, packet.duration or 0) * base
        is_key = bool(is_picture and packet.is_keyframe)
        kept = Kept(bytes(packet), stamp, packet.dts, packet.duration or 0, base, is_key, is_picture, begin, end)
        with self._lock:
            if is_key:
                if not segment.head and not segment.refused:
                    segment.head, segment.refused = _head(segment.connection, kept)
                self._groups.append(_Group(segment))
            elif not self._groups or self._groups[-1].segment is not segment:
                return
            group = self._groups[-1]
            group.packets.append(kept)
            group.size += len(kept.data)
            self._size += len(kept.data)
            while len(self._groups) > 1 and self._groups[1].packets[0].begin <= begin - self._seconds:
                self._forget()
            while self._groups and self._size > self._most_bytes:
                self._forget()

    def clip(self, start: float, end: float, out: str | Path) -> Clip:
        """Write [start, end) (seconds of the stream) to `out`: .mp4, .m4v, .mov or .mkv, exact to the picture.

        A clip lies in one run without a break; of several, in the one that holds most of it. What it lacks, its note
        says. The file appears when it is complete. Raises InputError where nothing of it is kept, VideoError where it
        cannot be written.
        """
        if not 0 <= start < end:
            raise InputError(f"a clip needs 0 <= start < end, got {start} to {end}")
        with self._lock:
            runs = _runs(self._groups)
        best, most = None, Fraction(0)
        for run in runs:
            begins, ends = run[0].packets[0].begin, max(each.end for each in run[-1].packets)
            held = min(Fraction(end), ends) - max(Fraction(start), begins)
            if held > most:
                best, most = (run, max(Fraction(start), begins), min(Fraction(end), ends)), held
        if best is None:
            raise InputError(f"nothing between {start:.1f} s and {end:.1f} s of the stream is kept any more, or yet")
        run, since, until = best
        if run[0].segment.refused:
            raise VideoError(run[0].segment.refused)
        packets = [each for group in run for each in group.packets]
        return write(run[0].segment.head, packets, (Fraction(start), Fraction(end)), (since, until), Path(out))

    def _forget(self) -> None:
        self._size -= self._groups.popleft().size


def _runs(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Groups of one segment together, each as it is now."""
    runs: list[list[_Group]] = []
    for group in groups:
        now = _Group(group.segment, list(group.packets), group.size)
        if runs and runs[-1][-1].segment is group.segment:
            runs[-1].append(now)
        else:
            runs.append([now])
    return runs


def _head(connection: Connection, first: Kept) -> tuple[bytes, str]:
    """A file with the codecs of a connection and its first keyframe, or why there can be none.

    It is the one way to keep what FFmpeg knows of a stream beyond the end of its connection.
    """
    video = connection.video
    record = video.codec_context.extradata
    form = "nut" if not record or record[:2] == ANNEX_B else "matroska"
    file = BytesIO()
    try:
        with av.open(file, "w", format=form) as out:
            stream = out.add_stream_from_template(video)
            if not video.width:  # not known before the first picture is decoded; the decoder does not need it
                stream.width = stream.height = UNKNOWN
            if connection.audio is not None:
                out.add_stream_from_template(connection.audio)
            packet: Packet[Any] = Packet(first.data)
            packet.pts = packet.dts = 0
            packet.time_base, packet.is_keyframe, packet.stream = first.base, True, stream
            out.mux(packet)
    except (av.FFmpegError, OSError, ValueError) as error:
        return b"", _refusal(video.codec_context.name, error)
    return file.getvalue(), ""


def _refusal(codec: str, error: Exception) -> str:
    """Why no clip can be written."""
    return f"no clip can be written of a stream in {codec}: {getattr(error, 'strerror', None) or error}"
