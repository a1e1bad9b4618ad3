"""Which pictures are taken: those on show at given instants, keyframes, or every one in a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from whenabouts.video.clock import Clock, Grid
from whenabouts.video.decode import Damaged, Decoder, FalseEntry, Picture
from whenabouts.video.plan import Step, plan
from whenabouts.video.reader import Reader

__all__ = ["keyframes", "on_show", "window"]


def on_show(reader: Reader, grid: Grid) -> Iterator[Picture]:
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


def _planned(reader: Reader, grid: Grid, k: int) -> Iterator[Picture]:
    entry, packets = reader.packets_from(reader.clock.tick(grid[k]))
    return Decoder(reader.stream, reader.failures).carry_out(plan(packets, reader.clock, grid), entry)


def _pictures_from_entry(reader: Reader, grid: Grid, k: int) -> Iterator[Picture]:
    entry, packets = reader.packets_from(reader.clock.tick(grid[k]))
    steps = (Step(packet, needed=True) for packet in packets)
    return Decoder(reader.stream, reader.failures, careful=True).carry_out(steps, entry)


def _all_pictures(reader: Reader, _grid: Grid, _k: int) -> Iterator[Picture]:
    return Decoder(reader.stream, reader.failures, careful=True).pictures(reader.packets())


def _match(pictures: Iterable[Picture], clock: Clock, grid: Grid, k: int) -> Iterator[Picture]:
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


def window(reader: Reader, start: Fraction, end: Fraction) -> Iterator[Picture]:
    """Every picture from the one on show at `start` to the last that begins by `end` (media time)."""
    last = reader.clock.tick(end)
    moment = Grid(start, Fraction(1), 1)
    try:
        yield from _within(_pictures_from_entry(reader, moment, 0), reader.clock.tick(start), last)
    except FalseEntry:  # raised before the first picture, since there is one entry only
        reader.rewind()
        yield from _within(_all_pictures(reader, moment, 0), reader.clock.tick(start), last)


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
    return Decoder(reader.stream, reader.failures).pictures(packets)
