"""What could not be read or decoded of a file so far, and where; one record is shared by all passes over a video."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from av.packet import Packet

__all__ = ["Failures", "Losses", "stamp_of"]

MOST = 20_000  # of one kind that are remembered: a stream without end may fail for ever


@dataclass(slots=True)
class Losses:
    """Where a stream failed, in seconds on the container's own clock.

    unread: packets that could not be decoded
    marred: pictures that came out although data was missing
    holes:  stretches from one packet to the next, or to infinity, in which the file is damaged
    altered: stretches whose bytes are not those that were written, by their checksum
    returns: to which stamp, and from which, the stamps of the packets go back
    """

    unread: set[float] = field(default_factory=set)
    marred: set[float] = field(default_factory=set)
    holes: set[tuple[float, float]] = field(default_factory=set)
    altered: set[tuple[float, float]] = field(default_factory=set)
    returns: set[tuple[float, float]] = field(default_factory=set)

    @property
    def kinds(self) -> tuple[set[Any], ...]:
        """All of them."""
        return self.unread, self.marred, self.holes, self.altered, self.returns

    def add(self, kind: set[Any], where: Any) -> None:
        """Remember one, as far as there is room."""
        if where is not None and len(kind) < MOST:
            kind.add(where)


@dataclass(slots=True)
class Failures:
    """How many reads and packets of a file failed so far, where, and how many pictures were `decoded`.

    `keys` are the stamps of keyframes that were read, in seconds as of `Losses`: after a loss, pictures up to the next
    of them lack what they refer to.
    """

    count: int = 0
    decoded: int = 0
    pictures: Losses = field(default_factory=Losses)
    sound: Losses = field(default_factory=Losses)
    keys: set[float] = field(default_factory=set)

    def keyframe(self, packet: Packet[Any]) -> None:
        """Remember where a keyframe stands."""
        if len(self.keys) < MOST and (at := stamp_of(packet)) is not None:
            self.keys.add(at)

    @property
    def met(self) -> int:
        """How many there are, of all kinds: two records of one file that have met as much are the same."""
        return self.count + sum(len(losses) for of in self.streams for losses in of.kinds)

    @property
    def any(self) -> bool:
        """Whether anything failed."""
        return self.met > 0

    @property
    def streams(self) -> tuple[Losses, Losses]:
        """Those of pictures and of sound."""
        return self.pictures, self.sound

    def to_dict(self) -> dict[str, Any]:
        """All that failed as plain lists, with the keyframes that matter; empty where nothing did."""
        if not self.any:
            return {}
        lost = sorted(self.pictures.unread | self.pictures.marred)
        keys = sorted(self.keys)
        after = {keys[at] for stamp in lost if (at := bisect_right(keys, stamp)) < len(keys)}
        kept = [[sorted(losses) for losses in of.kinds] for of in self.streams]
        return {"count": min(self.count, 1), "streams": kept, "keys": sorted(after)}

    def recall(self, facts: object) -> None:
        """Add what `to_dict` gave, as read from a file: what is not of that form is left out."""
        try:
            count, streams, keys = (facts[name] for name in ("count", "streams", "keys"))  # type: ignore[index]
            lost: list[tuple[set[Any], ...]] = [
                (set(_numbers(u)), set(_numbers(m)), *({_pair(stretch) for stretch in one} for one in stretches))
                for u, m, *stretches in streams
            ]
            after = set(_numbers(keys))
        except (KeyError, TypeError, ValueError):
            return
        self.count = max(self.count, int(count))
        self.keys |= after
        for of, kinds in zip(self.streams, lost, strict=False):
            for known, recalled in zip(of.kinds, kinds, strict=False):
                known.update(recalled)


def _numbers(values: Iterable[object]) -> list[float]:
    numbers = [value for value in values if isinstance(value, int | float) and value == value]  # noqa: PLR0124 - NaN
    return [float(number) for number in numbers]


def _pair(values: Iterable[object]) -> tuple[float, float]:
    first, last = _numbers(values)
    return first, last


def stamp_of(packet: Packet[Any]) -> float | None:
    """When a packet is presented, or else decoded, in seconds on the container's own clock."""
    stamp = packet.pts if packet.pts is not None else packet.dts
    return None if stamp is None else float(stamp * Fraction(packet.time_base))
