"""How long a file really lasts: what it declares where its last packets agree, what they say where they do not."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import av
from av.stream import Discard

from whenabouts.video.reader import GIVE_UP_AFTER, Reader
from whenabouts.video.source import AT_END, READ_ERRORS
from whenabouts.video.stamps.strays import without_strays

__all__ = ["measured_duration"]

AGREES = Fraction(1, 4)  # seconds between what is declared and what is measured
ROUNDING = Fraction(1, 1000)
LONG = 10  # times as long as the picture before
LOOKS_BACK = (1, 30, 300)  # seconds before the declared end


def measured_duration(reader: Reader) -> Fraction:
    """Media time at which the last picture or sound ends, in seconds, at least one tick.

    Moves the reader's position. Matroska counts its declared duration from zero even where the stamps begin
    later, so the declaration minus the start is tried as well.
    """
    guessed = reader.survey.continued or reader.survey.step  # then what is declared is worth nothing
    stated = None if guessed else reader.container.duration
    declared = Fraction(stated, av.time_base) if stated and stated > 0 else None
    if declared is not None:
        for back in LOOKS_BACK:
            last = _last_ends(reader, declared - back)
            nearest = min(declared, declared - reader.clock.start, key=lambda length: abs(length - last.end))
            if last.sure and last.allows(nearest):
                return nearest
    return max(_last_ends(reader, Fraction(0)).end, reader.clock.time_base)


class _Ends(NamedTuple):
    """When the last packet of all ends, and the last picture begins and ends, in seconds of media time.

    `before` is when the picture before the last begins. `sure` is whether a keyframe was among what was read: without,
    a picture shown late may have been stored before.
    """

    end: Fraction
    before: Fraction
    begin: Fraction
    picture: Fraction
    sure: bool

    def allows(self, length: Fraction) -> bool:
        """Whether a declared length fits: the end, or one within a last picture that is said to stay for very long."""
        if abs(length - self.end) <= AGREES:
            return length + ROUNDING >= self.picture
        usual = self.begin - self.before
        return self.end == self.picture > self.begin + LONG * usual and self.begin + usual / 2 < length < self.end


def _last_ends(reader: Reader, near: Fraction) -> _Ends:
    """Ends of the last packets from `near` (media time) on, of all for 0 or less; zeros where there are none.

    The length of a picture is read from the last packet only: those of others are often distances in the order of
    decoding. Where that packet has none, the last picture stays as long as the one before.
    """
    if near <= 0:
        reader.rewind()
    container, start = reader.container, reader.clock.start
    timed = (*container.streams.video, *container.streams.audio)
    for stream in timed:
        stream.discard = Discard.default
    stamps: list[int] = []
    heard = length = Fraction(0)
    in_a_row, sure = 0, near <= 0
    try:
        if near > 0:
            container.seek(int((near + start) * av.time_base), any_frame=True)
    except READ_ERRORS:
        return _Ends(heard, heard, heard, heard, sure=False)
    while in_a_row < GIVE_UP_AFTER:
        try:
            packets = (packet for packet in container.demux(*timed) if packet.size)
            for packet in reader.stamped(packets):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is None:
                    continue
                in_a_row = 0
                base = Fraction(packet.time_base)
                stays = max(0, packet.duration or 0) * base
                if packet.stream_index != reader.stream.index:
                    heard = max(heard, stamp * base - start + stays)
                    continue
                stamps.append(stamp)
                length, sure = stays, sure or packet.is_keyframe
            break
        except READ_ERRORS as error:
            reader.failures.count += not isinstance(error, AT_END)
            in_a_row += 1
    kept = sorted({*without_strays(stamps, reordered=reader.stream.codec_context.has_b_frames).tolist()})
    times = [reader.clock.time(stamp) for stamp in kept[-2:]] or [Fraction(0)]
    before, last = times[0], times[-1]
    picture = last + (length or last - before or reader.step * reader.clock.time_base)
    return _Ends(max(heard, picture), before, last, picture, sure)
