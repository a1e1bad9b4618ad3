"""Which pictures are taken: those on show at given instants, keyframes, or every one in a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from whenabouts.video.clock import Clock, Grid
from whenabouts.video.decode import Decoder, FalseEntry, Picture
from whenabouts.video.plan import Step, plan
from whenabouts.video.reader import Reader

__all__ = ["keyframes", "on_show", "window"]


def on_show(reader: Reader, grid: Grid) -> Iterator[Picture]:
    """For each time of `grid` the picture on show: the last that began by then, or the very first.

    Decodes what the plan asks for; everything, from the beginning on, where a keyframe proves to be no entry.
    """
    if not grid.count:
        return
    given = 0
    entry, packets = reader.packets_from(reader.clock.tick(grid[0]))
    steps = plan(packets, reader.clock, grid)
    try:
        for picture in _match(Decoder(reader.stream, reader.failures).carry_out(steps, entry), reader.clock, grid, 0):
            given += 1
            yield picture
    except FalseEntry:
        yield from _match(_all_pictures(reader), reader.clock, grid, given)


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
    first, last = reader.clock.tick(start), reader.clock.tick(end)
    shown: Picture | None = None
    for picture in _pictures_from(reader, first):
        if shown is not None:
            if picture[0] > first:
                yield shown
            if picture[0] > last:
                return
        shown = picture
    if shown is not None:
        yield shown


def keyframes(reader: Reader) -> Iterator[Picture]:
    """Every keyframe; nothing else is read or decoded."""
    reader.only_pictures(keyframes=True)
    packets = (packet for packet in reader.packets() if packet.is_keyframe)
    return Decoder(reader.stream, reader.failures).pictures(packets)


def _pictures_from(reader: Reader, tick: int) -> Iterator[Picture]:
    """Every picture, from one shown at or before `tick` on."""
    entry, packets = reader.packets_from(tick)
    steps = (Step(packet, wanted=True) for packet in packets)
    try:
        yield from Decoder(reader.stream, reader.failures).carry_out(steps, entry)
    except FalseEntry:  # raised before the first picture, since there is one entry only
        yield from _all_pictures(reader)


def _all_pictures(reader: Reader) -> Iterator[Picture]:
    reader.rewind()
    return Decoder(reader.stream, reader.failures).pictures(reader.packets())
