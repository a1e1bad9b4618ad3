"""How long a file really lasts: what it declares where its last packets agree, what they say where they do not."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import av
from av.stream import Discard

from whenabouts.video.reader import GIVE_UP_AFTER, Reader

__all__ = ["measured_duration"]

AGREES = Fraction(1, 4)  # seconds between what is declared and what is measured
ROUNDING = Fraction(1, 1000)
LOOKS_BACK = (1, 30)  # seconds before the declared end


def measured_duration(reader: Reader) -> Fraction:
    """Media time at which the last picture or sound ends, in seconds, at least one tick.

    Moves the reader's position. Matroska counts its declared duration from zero even where the stamps begin
    later, so the declaration minus the start is tried as well.
    """
    stated = reader.container.duration
    declared = Fraction(stated, av.time_base) if stated and stated > 0 else None
    if declared is not None:
        for back in LOOKS_BACK:
            last = _last_ends(reader, max(Fraction(0), declared - back))
            nearest = min(declared, declared - reader.clock.start, key=lambda length: abs(length - last.end))
            if abs(nearest - last.end) <= AGREES and nearest + ROUNDING >= last.picture:
                return nearest
    reader.rewind()
    return max(_last_ends(reader, None).end, reader.clock.time_base)


class _Ends(NamedTuple):
    """When the last packet of all and the last of the picture end, in seconds of media time."""

    end: Fraction
    picture: Fraction


def _last_ends(reader: Reader, near: Fraction | None) -> _Ends:
    """Ends of the last packets found from `near` (media time) on, or from here; zeros where there are none."""
    container, start = reader.container, reader.clock.start
    for stream in container.streams:
        if stream.type in ("video", "audio"):
            stream.discard = Discard.default
    end = picture = Fraction(0)
    in_a_row = 0
    try:
        if near is not None:
            container.seek(int((near + start) * av.time_base), any_frame=True)
    except (av.FFmpegError, OSError):
        return _Ends(end, picture)
    while in_a_row < GIVE_UP_AFTER:
        try:
            for packet in container.demux():
                stamp = packet.pts if packet.pts is not None else packet.dts
                if not packet.size or stamp is None or packet.stream.type not in ("video", "audio"):
                    continue
                in_a_row = 0
                ends = (stamp + max(0, packet.duration or 0)) * Fraction(packet.time_base) - start
                end = max(end, ends)
                if packet.stream_index == reader.stream.index:
                    picture = max(picture, ends)
            break
        except (av.FFmpegError, OSError):
            reader.failures.count += 1
            in_a_row += 1
    return _Ends(end, picture)
