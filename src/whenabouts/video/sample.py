"""Which pictures are taken: those on show at given instants, keyframes, or every one in a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from whenabouts.video.decode import Decoder, Picture
from whenabouts.video.reader import Reader

__all__ = ["keyframes", "on_show", "window"]


def on_show(reader: Reader, times: Iterable[Fraction]) -> Iterator[Picture]:
    """For each of `times` (media time, ascending) the picture on show: the last that began by then, or the first."""
    wanted = (reader.clock.tick(time) for time in times)
    tick = next(wanted, None)
    if tick is None:
        return
    shown: Picture | None = None
    packets = reader.packets_from(tick)
    for picture in Decoder(reader.stream, reader.failures).pictures(packets):
        while shown is not None and picture[0] > tick:
            yield shown
            tick = next(wanted, None)
            if tick is None:
                return
        shown = picture
    if shown is not None:
        yield shown
        for _ in wanted:
            yield shown


def window(reader: Reader, start: Fraction, end: Fraction) -> Iterator[Picture]:
    """Every picture from the one on show at `start` to the last that begins by `end` (media time)."""
    first, last = reader.clock.tick(start), reader.clock.tick(end)
    shown: Picture | None = None
    for picture in Decoder(reader.stream, reader.failures).pictures(reader.packets_from(first)):
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
