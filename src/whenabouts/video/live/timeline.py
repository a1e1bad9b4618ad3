"""The clock of a stream: it never steps back, whatever the clock of the source does.

Packets are stamped anew, in whole ticks of their own time base, so that `Clock.time` of a connection gives the time of
the stream. Counters that run over (33 bits of MPEG-TS: 26.5 hours) go on; a jump is closed: what comes after it follows
what came before, by the length of a picture, or by the time that passed on the wall where the source is live.
"""

from __future__ import annotations

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
    """One stream of a connection: its time base, ticks added to its stamps, and its newest stamp, in seconds."""

    base: Fraction
    shift: int = 0
    last: Fraction | None = None  # of decoding, as the source counts
    ordered: bool = True  # whether that is known to be of decoding
    shown: Fraction | None = None  # on the clock of the stream


class Timeline:
    """Places packets on the clock of the stream, which begins at `start_at` seconds.

    `live`: after a jump or a loss it goes on by the time that passed on the wall, as `now` tells (seconds).
    """

    def __init__(self, start_at: Fraction, *, live: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._live, self._now = live, now
        self._begun = False
        self.end = start_at  # of everything placed so far
        self.newest = start_at  # when the newest packet begins
        self._heard = now()
        self.start = Fraction(0)  # stamp of the connection, in seconds, where the stream is at 0
        self._tracks: dict[int, _Track] = {}
        self._shift = Fraction(0)  # seconds of the newest jump
        self._wrap: Fraction | None = None
        self._steady = False

    def open(self, format_name: str, start: Fraction, at: float, resent: float = 0.0) -> Fraction:
        """Go on with a new connection, whose first stamp `start` came when `now` gave `at`; where the stream is then.

        `resent` is how many seconds of what was read before may come again.
        """
        names = format_name.split(",")
        self._wrap = next((WRAPS[name] for name in names if name in WRAPS), None)
        self._steady = not STEADY.isdisjoint(names)
        self._tracks.clear()
        if not self._begun:
            self.start = start - self.end
        else:
            same, expected = start + self._shift - self.start, self._expected(at)
            if self._live and self.end - resent <= same <= expected + AHEAD:
                self.start -= self._shift
            else:
                self.start = start - expected
        self._shift, self._begun = Fraction(0), True
        return max(self.end, start - self.start)

    def clock(self, base: Fraction) -> Clock:
        """Turns the stamps of a stream with this time base into time, once they are placed."""
        return Clock(base, self.start)

    def place(self, packet: Packet[Stream]) -> Jump | None:
        """Stamp a packet anew; the jump that it was the first to show, if it was."""
        base = Fraction(packet.time_base or 0)
        ordered = packet.dts if packet.dts is not None else packet.pts
        if ordered is None or not base:
            return None
        track = self._tracks.setdefault(packet.stream_index, _Track(base, round(self._shift / base)))
        near = track.last if track.last is not None else self._last_of_any()
        turns = 0 if near is None else self._turns(ordered * base, near, base)
        jump = None
        raw = (ordered + turns) * base
        if not self._steady and packet.dts is not None and packet.pts is not None:
            pts = packet.pts + self._turns((packet.pts - packet.dts) * base, Fraction(0), base)
            packet.pts = pts if 0 <= (pts - packet.dts) * base < OVERTAKEN else None
        length = max(0, packet.duration or 0) * base
        if packet.is_corrupt and track.last is not None and not track.last < raw <= track.last + DOUBTFUL:
            packet.dts = packet.pts = ordered = round((track.last + length) / base)
            turns, raw = 0, ordered * base
        if track.last is not None and self._is_jump(raw, track, length, track.ordered and packet.dts is not None):
            jump = self._close(track, raw, ((ordered if packet.pts is None else packet.pts) + turns) * base)
        track.last, track.ordered = raw, packet.dts is not None
        ticks = turns + track.shift
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks
        begins = (packet.pts if packet.pts is not None else ordered + ticks) * base - self.start
        track.shown = raw + track.shift * base - self.start
        self.end, self.newest, self._heard = max(self.end, begins + length), begins, self._now()
        return jump

    def lapse(self) -> float:
        """The time of the stream now, if nothing came since the newest packet: by the wall."""
        return float(self._expected() if self._begun else self.end)

    def _last_of_any(self) -> Fraction | None:
        return next((track.last for track in self._tracks.values() if track.last is not None), None)

    def _turns(self, raw: Fraction, near: Fraction, base: Fraction) -> int:
        """Ticks by which a counter that ran over must be set forward or back, to be next to `near` (seconds)."""
        return 0 if self._wrap is None else round(round((near - raw) / self._wrap) * self._wrap / base)

    def _is_jump(self, raw: Fraction, track: _Track, length: Fraction, ordered: bool) -> bool:
        assert track.last is not None
        if raw < track.last - (BACK if ordered else max(Fraction(1), BACK_UNORDERED * length)):
            return True
        hole = raw + track.shift * track.base - self.start - self.end
        passed = Fraction(self._now() - self._heard) if self._live else 0
        return not self._steady and hole > FORWARD + passed

    def _close(self, track: _Track, raw: Fraction, begins: Fraction) -> Jump | None:
        """Shift a track so that it goes on; None where it only follows another that jumped before."""
        if track.shown is not None and track.shift != round(self._shift / track.base):
            together = raw + self._shift - self.start
            if abs(together - track.shown) <= TOGETHER:
                track.shift = round(self._shift / track.base)
                return None
        since, time = self.end, self._expected()
        self._shift = time + self.start - begins
        track.shift = round(self._shift / track.base)
        return Jump(float(since), float(time))

    def _expected(self, at: float | None = None) -> Fraction:
        """Where the stream is: right after what came last, or later where it is live and time passed."""
        if not self._live:
            return self.end
        passed = Fraction(round(((self._now() if at is None else at) - self._heard) * 1_000_000), 1_000_000)
        return max(self.end, self.newest + passed)
