"""How a live source is read."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.video.clock import SIMPLEST
from whenabouts.video.limits import Limits

__all__ = ["Drop", "Settings"]

POSITIVE = ("fps", "speed", "backlog", "stall", "timeout", "keep_bytes")
NOT_NEGATIVE = ("start_at", "keep", "wait", "idle")  # in seconds
Drop = Literal["oldest", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is wanted of a live source; seconds unless said otherwise, and defaults of our own. Raises InputError.

    fps:      pictures wanted for each second of the stream; None: all
    size:     side of the square pictures; None: upright and as they are
    sound:    whether sound is wanted too
    speed:    of a file: 1 as a camera would, N that many times faster; None: as fast as it is read
    follow:   a file that is still being written: wait for more
    idle:     a file that is followed ends once nothing was added for so long; None: never
    start_at: where the clock of the stream begins
    keep:     how much of the recent stream is kept for clips; 0: nothing
    keep_bytes: how many bytes that may be at most
    drop:     where the reader is too slow: "oldest" pictures are dropped, or with "none" the source has to wait; None:
              "oldest" for the network, else "none"
    backlog:  with "oldest": how old a picture that waits may be, beside the newest
    wait:     how long to wait for a source that is not there yet; None: for ever
    stall:    after how long without anything a source that is open counts as stalled
    timeout:  after how long without anything a network source is opened again
    """

    fps: float | None = None
    size: int | None = None
    sound: bool = False
    speed: float | None = None
    follow: bool = False
    idle: float | None = None
    start_at: float = 0.0
    keep: float = 0.0
    keep_bytes: int = 256 << 20
    drop: Drop | None = None
    backlog: float = 10.0
    wait: float | None = 0.0
    stall: float = 10.0
    timeout: float = 20.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} must be a positive number, got {value}")
        for name in NOT_NEGATIVE:
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise InputError(f"{name} must be at least 0 seconds, got {value}")
        if not math.isfinite(self.start_at):
            raise InputError(f"start_at must be a time in seconds, got {self.start_at}")
        if self.drop not in (None, "oldest", "none"):
            raise InputError(f"drop must be oldest or none, got {self.drop!r}")
        if self.size is not None and not 0 < self.size <= self.limits.max_side:
            raise InputError(f"size must be a side in pixels, 1 to {self.limits.max_side}, got {self.size}")

    @property
    def step(self) -> Fraction | None:
        """Seconds between wanted pictures; None: every one is wanted."""
        if self.fps is None or math.isinf(self.fps):
            return None
        return 1 / (Fraction(self.fps).limit_denominator(SIMPLEST) or Fraction(self.fps))
