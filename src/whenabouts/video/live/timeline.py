"""The clock of a stream: it never steps back, whatever the clock of the source does.

Packets are stamped anew, in whole ticks of their own time base, so that `Clock.time` of a connection gives the time of
the stream. Counters that run over (33 bits of MPEG-TS: 26.5 hours) go on; a jump is closed: what comes after it follows
what came before, by the length of a picture, or by the time that passed on the wall where the source is live.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from av.packet import Packet
from av.stream import Stream

from whenabouts.video.clock import Clock

__all__ = ["Jump", "Timeline"]

BACK = Fraction(1, 10)  # seconds that decoding stamps may step back without a jump: ours
BACK_UNORDERED = 16  # pictures that may be overtaken where only presentation stamps are known (H.264)
FORWARD = 10  # seconds of a hole that are a jump: FFmpeg's dts_delta_threshold
TOGETHER = 2  # seconds within which sound and picture come to the same place after a jump
DOUBTFUL = 1  # seconds that a damaged packet may be after the one before; its stamps may be damaged too: ours
LONGEST = 2  # seconds of a picture whose length is not stated: ours
OVERTAKEN = 10  # seconds after its decoding that a picture may be on show; more is damage: ours
AHEAD = 2  # seconds that a source may be ahead of the wall after it was opened again, and keep its clock
WRAPS = {"mpegts": Fraction(2**33, 90_000), "hls": Fraction(2**33, 90_000), "flv": Fraction(2**32, 1000)}
STEADY = {"mov", "matroska"}  # their stamps are those of one recording: a hole in them is a hole


@dataclass(frozen=True, slots=True)
class Jump:
    """The source's clock stepped; that of the stream went from `since` to `time` (seconds)."""

    since: float
    time: float


@dataclass(slots=True)
class _Track:
    """One stream of a connection, in ticks of its time base."""

    base: Fraction
    shift: int  # added to its stamps
    last: int | None = None  # newest stamp of decoding, as the source counts
    ordered: bool = True  # whether that is known to be of decoding
    length: int = 0  # of its newest packet
    end: int = 0  # of everything so far, shifted

    def ticks(self, seconds: float | Fraction) -> int:
        """Seconds as whole ticks."""
        return round(seconds / self.base)


class Timeline:
    """Places packets on the clock of the stream, which begins at `start_at` seconds.

    `live`: after a jump or a loss it goes on by the time that passed on the wall, as `now` tells (seconds).
    """

    def __init__(self, start_at: Fraction, *, live: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._live, self._now = live, now
        self._begun = False
        self.newest = start_at  # when the newest packet begins
        self._heard = now()
        self.start = Fraction(0)  # stamp of the connection, in seconds, where the stream is at 0
        self._tracks: dict[int, _Track] = {}
        self._before = start_at  # the end of what earlier connections brought
        self._shift = Fraction(0)  # seconds of the newest jump
        self._wrap: Fraction | None = None
        self._steady = False

    @property
    def end(self) -> Fraction:
        """Where everything placed so far ends, in seconds."""
        ends = [track.end * track.base - self.start for track in list(self._tracks.values())]
        return max([self._before, *ends])

    def open(self, format_name: str, start: Fraction, at: float, resent: float = 0.0) -> Fraction:
        """Go on with a new connection, whose first stamp `start` came when `now` gave `at`; where the stream is then.

        `resent` is how many seconds of what was read before may come again.
        """
        names = format_name.split(",")
        self._wrap = next((WRAPS[name] for name in names if name in WRAPS), None)
        self._steady = not STEADY.isdisjoint(names)
        self._before = self.end
        if not self._begun:
            self.start = start - self._before
        else:
            same, expected = start + self._shift - self.start, self._expected(at)
            if self._live and self._before - resent <= same <= expected + AHEAD:
                self.start -= self._shift
            else:
                self.start = start - expected
        self._tracks.clear()
        self._shift, self._begun = Fraction(0), True
        return max(self._before, start - self.start)

    def clock(self, base: Fraction) -> Clock:
        """Turns the stamps of a stream with this time base into time, once they are placed."""
        return Clock(base, self.start)

    def place(self, packet: Packet[Stream]) -> Jump | None:
        """Stamp a packet anew; the jump that it was the first to show, if it was."""
        if not packet.time_base:
            return None
        track = self._tracks.get(packet.stream_index)
        ordered = packet.dts if packet.dts is not None else packet.pts
        if ordered is None:
            self._stamp(packet, track)
            return None
        if track is None:
            base = Fraction(packet.time_base)
            track = _Track(base, round(self._shift / base), end=round((self._before + self.start) / base))
            near = self._last_of_any()
        else:
            near = None if track.last is None else track.last * track.base
        turns = 0 if near is None else self._turns(ordered, near, track.base)
        if track.last is None and self._shift and self._is_early(ordered + turns, track):
            track.shift = round((self.newest + self.start) / track.base) - ordered - turns  # it did not jump: it is now
        if not self._steady and packet.dts is not None and packet.pts is not None:
            pts = packet.pts + self._turns(packet.pts - packet.dts, Fraction(0), track.base)
            packet.pts = pts if 0 <= pts - packet.dts < track.ticks(OVERTAKEN) else None
        raw = ordered + turns
        if packet.is_corrupt and track.last is not None and not 0 < raw - track.last <= track.ticks(DOUBTFUL):
            packet.dts = packet.pts = raw = track.last + track.length
            turns = 0
        jump = None
        if self._is_jump(raw, track, is_ordered=packet.dts is not None):
            jump = self._close(track, raw, raw if packet.pts is None else packet.pts + turns)
        track.length = packet.duration or self._step(raw, track)
        track.last, track.ordered = raw, packet.dts is not None
        self._tracks[packet.stream_index] = track
        packet.pts = None if packet.pts is None else packet.pts + turns + track.shift
        packet.dts = None if packet.dts is None else packet.dts + turns + track.shift
        packet.duration = track.length
        begins = raw + track.shift if packet.pts is None else packet.pts
        track.end = max(track.end, begins + track.length)
        self.newest, self._heard = begins * track.base - self.start, self._now()
        return jump

    def lapse(self) -> float:
        """The time of the stream now, if nothing came since the newest packet: by the wall."""
        return float(self._expected() if self._begun else self.end)

    def _stamp(self, packet: Packet[Stream], track: _Track | None) -> None:
        """Give a packet without stamps that of the next; before the first that has any, one that nobody sees."""
        if track is None or track.last is None:
            packet.pts = packet.dts = math.ceil((self._before + self.start) / Fraction(packet.time_base)) - 1
        else:
            packet.pts = packet.dts = track.last + track.shift + max(1, track.length)
            track.last += max(1, track.length)
            track.end = max(track.end, packet.pts + track.length)

    def _is_early(self, raw: int, track: _Track) -> bool:
        """Whether the first packet of a track would lie before all that this connection brings."""
        return (raw + track.shift) * track.base - self.start < self._before - TOGETHER

    def _step(self, raw: int, track: _Track) -> int:
        """The length of a picture, where the source does not say: how far they were apart, if that is plausible."""
        step = 0 if track.last is None else raw - track.last
        return step if 0 < step <= track.ticks(LONGEST) and track.ordered else track.length

    def _last_of_any(self) -> Fraction | None:
        known = (track.last * track.base for track in self._tracks.values() if track.last is not None)
        return next(known, None)

    def _turns(self, raw: int, near: Fraction, base: Fraction) -> int:
        """Ticks by which a counter that ran over must be set forward or back, to be next to `near` (seconds)."""
        if self._wrap is None or abs(away := near - raw * base) * 2 < self._wrap:
            return 0
        return round(round(away / self._wrap) * self._wrap / base)

    def _is_jump(self, raw: int, track: _Track, *, is_ordered: bool) -> bool:
        if track.last is None:  # its first packet: it is where the others are
            time = (raw + track.shift) * track.base - self.start
            return bool(self._tracks) and (time < self.newest - FORWARD or self._is_hole(time))
        is_ordered = is_ordered and track.ordered
        back = track.ticks(BACK) if is_ordered else max(track.ticks(1), BACK_UNORDERED * track.length)
        if raw < track.last - back:
            return True
        ahead = raw - track.last > track.ticks(FORWARD)
        return ahead and self._is_hole((raw + track.shift) * track.base - self.start)

    def _is_hole(self, time: Fraction) -> bool:
        passed = Fraction(self._now() - self._heard) if self._live else 0
        return not self._steady and time - self.end > FORWARD + passed

    def _close(self, track: _Track, raw: int, begins: int) -> Jump | None:
        """Shift a track so that it goes on; None where it only follows another that jumped before."""
        newest = track.ticks(self._shift)
        if track.last is not None and track.shift != newest:
            apart = raw + newest - track.last - track.shift
            if abs(apart) <= track.ticks(TOGETHER):
                track.shift = newest
                return None
        since, time = self.end, self._expected()
        self._shift = time + self.start - begins * track.base
        track.shift = track.ticks(self._shift)
        return Jump(float(since), float(time))

    def _expected(self, at: float | None = None) -> Fraction:
        """Where the stream is: right after what came last, or later where it is live and time passed."""
        if not self._live:
            return self.end
        passed = Fraction(round(((self._now() if at is None else at) - self._heard) * 1_000_000), 1_000_000)
        return max(self.end, self.newest + passed)
