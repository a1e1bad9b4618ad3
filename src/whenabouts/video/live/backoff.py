"""How long to wait before a source is opened again: longer each time, up to a bound, and never all at once."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["FIRST", "LONGEST", "delays"]

FIRST, LONGEST = 0.5, 30.0  # seconds: ours
GOLDEN = 0.618034  # its multiples, modulo 1, are spread evenly: several sources do not come back together for long


def delays() -> Iterator[float]:
    """Seconds to wait, for ever: doubled each time, and up to a quarter more or less."""
    delay, turn = FIRST, 0
    while True:
        turn += 1
        yield delay * (0.75 + 0.5 * (turn * GOLDEN % 1))
        delay = min(2 * delay, LONGEST)
