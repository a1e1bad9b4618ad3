"""How long a file really lasts: what it declares where its last packets agree, what they say where they do not."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import av
from av.stream import Discard

from whenabouts.video.reader import GIVE_UP_AFTER, Reader
from whenabouts.video.source import READ_ERRORS

__all__ = ["measured_duration"]

AGREES = Fraction(1, 4)  # seconds between what is declared and what is measured
ROUNDING = Fraction(1, 1000)
LOOKS_BACK = (1, 30, 300)  # seconds before the declared end


def measured_duration(reader: Reader) -> Fraction:
    """Media time at which the last picture or sound ends, in seconds, at least one tick.

    Moves the reader's position. Matroska counts its declared duration from zero even where the stamps begin
    later, so the declaration minus the start is tried as well.
    """
    stated = reader.container.duration
    declared = Fraction(stated, av.time_base) if stated and stated > 0 else None
    if declared is not None:
        for back in LOOKS_BACK:
            last = _last_ends(reader, declared - back)
            nearest = min(declared, declared - reader.clock.start, key=lambda length: abs(length - last.end))
            if last.sure and abs(nearest - last.end) <= AGREES and nearest + ROUNDING >= last.picture:
                return nearest
    return max(_last_ends(reader, Fraction(0)).end, reader.clock.time_base)


class _Ends(NamedTuple):
    """When the last packet of all and the last of the picture end, in seconds of media time.

    `sure` is whether a keyframe was among what was read: without, a picture shown late may have been stored before.
    """

    end: Fraction
    picture: Fraction
    sure: bool


def _last_ends(reader: Reader, near: Fraction) -> _Ends:
    """Ends of the last packets from `near` (media time) on, of all for 0 or less; zeros where there are none."""
    if near <= 0:
        reader.rewind()
    container, start = reader.container, reader.clock.start
    timed = (*container.streams.video, *container.streams.audio)
    for stream in timed:
        stream.discard = Discard.default
    end = picture = Fraction(0)
    in_a_row, sure = 0, near <= 0
    try:
        if near > 0:
            container.seek(int((near + start) * av.time_base), any_frame=True)
    except READ_ERRORS:
        return _Ends(end, picture, False)
    while in_a_row < GIVE_UP_AFTER:
        try:
            for packet in container.demux(*timed):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if not packet.size or stamp is None:
                    continue
                in_a_row = 0
                ends = (stamp + max(0, packet.duration or 0)) * Fraction(packet.time_base) - start
                end = max(end, ends)
                if packet.stream_index == reader.stream.index:
                    picture = max(picture, ends)
                    sure = sure or packet.is_keyframe
            break
        except READ_ERRORS:
            reader.failures.count += 1
            in_a_row += 1
    return _Ends(end, picture, sure)
