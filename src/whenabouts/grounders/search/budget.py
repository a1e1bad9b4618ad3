"""How much may be spent on an answer; what was found when it is spent is the answer."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from whenabouts.errors import InputError

__all__ = ["Budget"]

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
LIMIT = re.compile(
    r"(?P<value>\d+(?:\.\d+)?)(?:(?P<time>[smh])|(?P<frames>frames?)|(?P<tokens>tokens?)"
    r"|(?:usd|eur)@(?P<read>\d+(?:\.\d+)?)/(?P<written>\d+(?:\.\d+)?))"
)


@dataclass(slots=True)
class Budget:
    """Limits of seconds, frames, tokens read and written, and money, counted from its creation; None means no limit.

    prices: of a million tokens read and a million written, in the currency of `money`
    """

    seconds: float | None = None
    frames: int | None = None
    tokens: int | None = None
    money: float | None = None
    prices: tuple[float, float] = (0.0, 0.0)
    looked: int = 0
    read: int = 0
    written: int = 0
    _began: float = field(default_factory=time.monotonic, repr=False)

    @classmethod
    def parse(cls, text: str) -> Budget:
        """From words such as `30s`, `2m`, `500frames`, `20000tokens`, `0.5usd@0.15/0.60`, or several with commas.

        >>> Budget.parse("30s,500frames").frames
        500
        """
        limits: dict[str, Any] = {}
        for part in text.lower().replace(" ", "").split(","):
            match = LIMIT.fullmatch(part)
            if match is None:
                raise InputError(f"a budget is 30s, 2m, 500frames, 20000tokens or 0.5usd@0.15/0.60, not {part!r}")
            value = float(match["value"])
            if match["time"]:
                limits["seconds"] = value * SECONDS[match["time"]]
            elif match["read"]:
                limits |= {"money": value, "prices": (float(match["read"]), float(match["written"]))}
            else:
                limits["frames" if match["frames"] else "tokens"] = int(value)
        return cls(**limits)

    def restart(self) -> None:
        """Begin to count anew."""
        self._began, self.looked, self.read, self.written = time.monotonic(), 0, 0, 0

    @property
    def paid(self) -> float:
        """What the tokens cost so far."""
        return (self.read * self.prices[0] + self.written * self.prices[1]) / 1e6

    def left(self, share: float = 1.0) -> float | None:
        """Seconds until that share of the time is spent, not below 0; None without a limit of time."""
        if self.seconds is None:
            return None
        return max(0.0, share * self.seconds - (time.monotonic() - self._began))

    def spent(self, share: float = 1.0) -> str | None:
        """Which limit, or which `share` of it, is reached, in words; None while there is something left."""
        used = {
            "s": (self.seconds, time.monotonic() - self._began),
            "frames": (self.frames, self.looked),
            "tokens": (self.tokens, self.read + self.written),
            "in money": (self.money, self.paid),
        }
        return next(
            (f"{limit:g} {unit}" for unit, (limit, now) in used.items() if limit is not None and now >= share * limit),
            None,
        )
