"""Which pictures are taken: those on show at given instants, keyframes, or every one in a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

from whenabouts.video.clock import Clock, Times
from whenabouts.video.decode import Damaged, Decoder, FalseEntry, Picture
from whenabouts.video.plan import LOOK_AHEAD, Step, plan
from whenabouts.video.reader import Reader, VideoPacket

__all__ = ["keyframes", "on_show", "window"]


def on_show(reader: Reader, grid: Times) -> Iterator[Picture]:
    """For each time of `grid` the picture on show: the last that began by then, or the very first.

    Decodes what the plan asks for; where data is damaged, all from the last keyframe on; where that keyframe proves no
    entry, all from the beginning.
    """
    given = 0
    for way in (_planned, _pictures_from_entry, _all_pictures):
        if given < grid.count:
            try:
                for picture in _match(way(reader, grid, given), reader.clock, grid, given):
                    given += 1
                    yield picture
                return
            except (FalseEntry, Damaged):
                reader.rewind()


def _planned(reader: Reader, grid: Times, k: int) -> Iterator[Picture]:
    entry, packets = reader.packets_from(reader.clock.tick(grid[k]))
    if reader.survey.late is not None:  # nobody knows which packet holds the picture on show
        return _pictures_of(reader, packets, entry, careful=False)
    return Decoder.of(reader).carry_out(plan(packets, reader.clock, grid), entry)


def _pictures_from_entry(reader: Reader, grid: Times, k: int) -> Iterator[Picture]:
    entry, packets = reader.packets_from(reader.clock.tick(grid[k]))
    return _pictures_of(reader, packets, entry)


def _all_pictures(reader: Reader, _grid: Times, _k: int) -> Iterator[Picture]:
    return _pictures_of(reader, reader.packets(), None)


def _pictures_of(
    reader: Reader, packets: Iterable[VideoPacket], entry: int | None, *, careful: bool = True
) -> Iterator[Picture]:
    steps = (Step(packet, needed=True) for packet in packets)
    return Decoder.of(reader, careful=careful).carry_out(steps, entry)


def _match(pictures: Iterable[Picture], clock: Clock, grid: Times, k: int) -> Iterator[Picture]:
    """Give each time of the grid, from the k-th on, the last of `pictures` that began by then, or the first."""
    shown: Picture | None = None
    for picture in pictures:
        while shown is not None and picture[0] > clock.tick(grid[k]):
            yield shown
            k += 1
            if k == grid.count:
                return
        shown = picture
    if shown is not None:
        for _ in range(k, grid.count):
            yield shown


def window(reader: Reader, start: Fraction, end: Fraction, most: int | None = None) -> Iterator[Picture]:
    """Every picture from the one on show at `start` to the last that begins by `end` (media time).

    Nothing, where more than `most` would have to be decoded for it, or as many as there are from the beginning on.
    """
    first, last = reader.clock.tick(start), reader.clock.tick(end)
    entry, packets = reader.packets_from(first)
    if most is not None:
        read, affordable = _read_ahead(packets, last, most)
        if not affordable:
            return
        packets = chain(read, packets)
    try:
        yield from _within(_pictures_of(reader, packets, entry), first, last)
    except FalseEntry:  # raised before the first picture, since there is one entry only
        if most is not None:
            return
        reader.rewind()
        yield from _within(_pictures_of(reader, reader.packets(), None), first, last)


def _read_ahead(packets: Iterator[VideoPacket], end: int, most: int) -> tuple[list[VideoPacket], bool]:
    """The packets that are decoded to see the pictures up to tick `end`, and whether they are `most` or fewer."""
    read: list[VideoPacket] = []
    needed = 0
    for packet in packets:
        read.append(packet)
        if packet.pts is None or packet.pts <= end:
            needed = len(read)
        if needed > most:
            return read, False
        if len(read) - needed > LOOK_AHEAD:
            break
    return read, True


def _within(pictures: Iterable[Picture], first: int, last: int) -> Iterator[Picture]:
    shown: Picture | None = None
    for picture in pictures:
        if shown is not None:
            if picture[0] > first:
                yield shown
            if picture[0] > last:
                return
        shown = picture
    if shown is not None:
        yield shown


def keyframes(reader: Reader) -> Iterator[Picture]:
    """Every keyframe; nothing else is decoded.

    The other packets are read all the same: FFmpeg's mp4 demuxer gives wrong stamps when it skips them itself.
    """
    packets = (packet for packet in reader.packets() if packet.is_keyframe)
    return Decoder.of(reader).pictures(packets)
