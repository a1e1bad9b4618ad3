"""How long a file really lasts: what it declares where its last packets agree, what they say where they do not."""

from __future__ import annotations

from fractions import Fraction

import av
from av.stream import Discard

from whenabouts.video.reader import GIVE_UP_AFTER, Reader

__all__ = ["measured_duration"]

AGREES = Fraction(1, 4)  # seconds between what is declared and what is measured


def measured_duration(reader: Reader) -> Fraction:
    """Media time at which the last picture or sound ends, in seconds, at least one tick.

    Moves the reader's position. Matroska counts its declared duration from zero even where the stamps begin
    later, so the declaration minus the start is tried as well.
    """
    container, clock = reader.container, reader.clock
    declared = Fraction(container.duration, av.time_base) if container.duration and container.duration > 0 else None
    end = None
    if declared is not None:
        end = _end_of_packets(reader, declared)
    if end is None or (declared is not None and end < declared / 2):
        reader.rewind()
        end = max(end or Fraction(0), _end_of_packets(reader, None) or Fraction(0))
    if declared is not None:
        for candidate in (declared, declared - clock.start):
            if abs(candidate - end) <= AGREES and candidate > 0:
                return candidate
    return max(end, clock.time_base)


def _end_of_packets(reader: Reader, near: Fraction | None) -> Fraction | None:
    """End of the last packet found from `near` (media time) on, or from here; None where there is none."""
    container, start = reader.container, reader.clock.start
    for stream in container.streams:
        if stream.type in ("video", "audio"):
            stream.discard = Discard.default
    if near is not None:
        try:
            container.seek(int((max(Fraction(0), near - 1) + start) * av.time_base), any_frame=True)
        except (av.FFmpegError, OSError):
            return None
    end: Fraction | None = None
    in_a_row = 0
    while in_a_row < GIVE_UP_AFTER:
        try:
            for packet in container.demux():
                stamp = packet.pts if packet.pts is not None else packet.dts
                if not packet.size or stamp is None or packet.stream.type not in ("video", "audio"):
                    continue
                in_a_row = 0
                last = (stamp + max(0, packet.duration or 0)) * Fraction(packet.time_base) - start
                end = last if end is None else max(end, last)
            return end
        except (av.FFmpegError, OSError):
            reader.failures.count += 1
            in_a_row += 1
    return end
