"""When pictures of MPEG-1 and 2 are shown, whose containers stamp a block of several pictures once.

FFmpeg guesses the other stamps, and may take that of a block for a picture that began in the block before. The order
of these codecs is simple: a B-picture is shown in its own turn of decoding, any other one after the B-pictures that
follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

__all__ = ["anchored", "lag_of"]

S = TypeVar("S", bound=Stream)

PICTURE, B = b"\0\0\1\0", 3  # the start code of a picture; a type of it
HEAD = 4096  # bytes in which a picture's header begins


def lag_of(packets: Sequence[Packet[VideoStream]], stream: VideoStream) -> Fraction:
    """Seconds from the times of `anchored` to those that the container states: 0, or less in a stream of low delay."""
    stated = next(
        ((k, packet.pts) for k, packet in enumerate(packets) if packet.pts is not None and _told(packet)), None
    )
    if stated is None:
        return Fraction(0)
    number, pts = stated
    found = list(anchored(packets, stream, Fraction(0)))[number].pts
    return (pts - found) * Fraction(stream.time_base or 1) if found is not None else Fraction(0)


def anchored(packets: Iterable[Packet[S]], stream: VideoStream, lag: Fraction) -> Iterator[Packet[S]]:
    """The packets; those of pictures with stamps by their turns, of which only those of blocks are believed."""
    late = round(lag / Fraction(stream.time_base or 1))
    held: list[Packet[S]] = []  # an anchor and the B-pictures after it
    turn: int | None = None
    for packet in packets:
        if packet.stream_index != stream.index:
            yield packet
            continue
        if packet.dts is not None and (_told(packet) or turn is None):
            turn = packet.dts
        packet.dts = turn
        if not _is_b(packet):
            yield from _shown(held, late)
            held = []
        held.append(packet)
        turn = None if turn is None else turn + (packet.duration or 0)
    yield from _shown(held, late)


def _shown(group: Sequence[Packet[S]], late: int) -> Iterator[Packet[S]]:
    if group and (end := group[-1].dts) is not None:
        for packet in group:
            packet.pts = (packet.dts or 0) + late
        if not _is_b(group[0]):
            group[0].pts = end + (group[-1].duration or 0) + late
    yield from group


def _told(packet: Packet[S]) -> bool:
    """Whether a block of the container begins with the packet."""
    return packet.pos is not None


def _is_b(packet: Packet[S]) -> bool:
    head = bytes(memoryview(packet)[:HEAD])
    at = head.find(PICTURE)
    return 0 <= at < len(head) - 5 and head[at + 5] >> 3 & 7 == B
