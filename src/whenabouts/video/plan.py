"""Which packets need decoding at all, when only the pictures on show at some instants are needed.

Reading packets is cheap, decoding them is not. A packet's stamp tells whether its picture can be the one on show at an
instant: it cannot if another begins between it and the next instant. From that,

- what follows the last needed picture before a keyframe is never decoded;
- of other unneeded pictures, those are decoded that later ones refer to (`Step.needed` is False: the codec may leave
  out a picture that nothing refers to).

Any error of judgement is on the safe side: a packet is unneeded only when a better one has already been read.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whenabouts.video.clock import Clock, Times
from whenabouts.video.reader import VideoPacket

__all__ = ["LOOK_AHEAD", "Step", "plan"]

LOOK_AHEAD = 32  # packets; H.264 and H.265 let 16 pictures, of two packets at most, overtake another
MEMORY = 64 << 20  # bytes of packets kept back at most


@dataclass(slots=True)
class Step:
    """Decode `packet`; `fresh` asks to empty the codec first, because what came before was left out."""

    packet: VideoPacket
    needed: bool
    fresh: bool = False


def plan(packets: Iterable[VideoPacket], clock: Clock, grid: Times) -> Iterator[Step]:
    """The packets to decode, in order, so that every picture on show at a time of `grid` comes out.

    `packets` starts where decoding can start. Ends reading once the last time of the grid is settled.
    """
    ahead: deque[VideoPacket] = deque()
    stamps = _Stamps(clock, grid)
    kept = _Kept()
    source = iter(packets)
    more = True
    while more or ahead:
        while more and len(ahead) <= LOOK_AHEAD:
            packet = next(source, None)
            if packet is None:
                more = False
                break
            stamps.read(packet)
            ahead.append(packet)
        if not ahead or all(stamps.is_after_all(packet) for packet in ahead):
            break
        yield from kept.take(ahead.popleft(), ahead, stamps)


class _Stamps:
    """What is known of the stamps around the packet in hand."""

    def __init__(self, clock: Clock, grid: Times) -> None:
        self._clock = clock
        self._grid = grid
        self._known: list[int] = []
        self._earliest: int | None = None
        self._between = (0, 0)
        self._first = clock.tick(grid[0])
        self._last = clock.tick(grid[grid.count - 1])

    def read(self, packet: VideoPacket) -> None:
        if packet.pts is None or packet.is_discard or packet.is_corrupt:
            return
        insort(self._known, packet.pts)
        if len(self._known) > 8 * LOOK_AHEAD:
            del self._known[: 4 * LOOK_AHEAD]
        if self._earliest is None or packet.pts < self._earliest:
            self._earliest = packet.pts

    def is_after_all(self, packet: VideoPacket) -> bool:
        """Whether the packet begins after every instant, and an earlier one is there to be on show."""
        pts, earliest = packet.pts, self._earliest
        return pts is not None and pts > self._last and earliest is not None and earliest < pts

    def needs(self, packet: VideoPacket) -> bool:
        """Whether the packet's picture may be on show at an instant, as far as packets have been read."""
        pts = packet.pts
        if pts is None:
            return True
        if pts == self._earliest and self._first < pts:
            return True
        if pts > self._last:
            return False
        later = bisect_right(self._known, pts)
        return later == len(self._known) or self._known[later] > self._next_instant(pts)

    def _next_instant(self, pts: int) -> int:
        """The tick of the first instant not before `pts`; neighbours in the file mostly share it."""
        before, after = self._between
        if not before < pts <= after:
            k = self._grid.first_from(self._clock.time(pts))
            before = self._clock.tick(self._grid[k - 1]) if k else self._first - 1
            after = self._clock.tick(self._grid[k])
            self._between = before, after
        return after


class _Kept:
    """The unneeded packets since the last needed one, until it is known whether something refers to them."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._bytes = 0
        self._fresh = False
        self._floor: int | None = None
        self._previous_needed = False

    def take(self, packet: VideoPacket, ahead: Iterable[VideoPacket], stamps: _Stamps) -> Iterator[Step]:
        key = packet.pts if packet.is_keyframe else None
        if key is not None and self._steps:
            leading = [p for p in ahead if p.pts is not None and p.pts < key]
            if not any(stamps.needs(p) for p in leading):
                self._steps, self._bytes = [], 0
                self._fresh, self._floor = True, key
        elif key is not None:
            self._floor = None
        if self._floor is not None and packet.pts is not None and packet.pts < self._floor:
            return
        self._steps.append(Step(packet, stamps.needs(packet), fresh=self._fresh))
        self._fresh = False
        self._bytes += packet.size
        if self._steps[-1].needed or self._bytes > MEMORY:
            yield from self._release()

    def _release(self) -> Iterator[Step]:
        # The two fields of a picture may lie in neighbouring packets, and are decoded both or neither.
        steps = self._steps
        last_needed = steps[-1].needed
        if last_needed and len(steps) > 1:
            steps[-2].needed = True
        if self._previous_needed:
            steps[0].needed = True
        self._previous_needed = last_needed
        yield from steps
        self._steps, self._bytes = [], 0
