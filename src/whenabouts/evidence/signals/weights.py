"""How likely it is that a stretch is what a query means, by kind of signal, how long it lasts and how strong it is."""

from __future__ import annotations

import math

from whenabouts.evidence.found import Found
from whenabouts.evidence.signals.names import BLANK

__all__ = ["RATES", "probability"]


def probability(found: Found, asked: str, *, long: bool) -> float | None:
    """Of a stretch for what is asked, a name in `SIGNALS`; None where the stretch is of another kind.

    long: whether a long one is asked for
    """
    rate = RATES.get((asked, found.what))
    if rate is None and asked.startswith(BLANK) and found.what.startswith(asked):
        rate = 0.9
    if rate is None:
        return None
    sure = rate * _lasting(found.duration, *_LENGTHS.get(asked, (0.0, 1.0)))
    if asked == "frozen":
        sure *= _between(found.strength, 0.1, 0.5)  # where nothing moves, nothing freezes
    if long and asked not in {"cut", "flash"}:
        sure *= _lasting(found.duration, 4.0, 1.5)
    return sure


# Of what is asked and what was found, measured by bench/sounds.py.
RATES = {
    ("black", "black"): 0.97,
    ("frozen", "frozen"): 0.92,
    ("frozen", "still"): 0.25,
    ("still", "still"): 0.9,
    ("still", "frozen"): 0.6,
    ("bars", "bars"): 0.97,
    ("flash", "flash"): 0.85,
    ("cut", "cut"): 0.95,
    ("fade out", "fade out"): 0.92,
    ("fade in", "fade in"): 0.92,
    ("break", "black"): 0.6,
}

# Seconds at which half of them are meant, and over which that rises.
_LENGTHS = {"black": (0.08, 0.06), "break": (5.0, 1.5), "frozen": (1.8, 0.2), "still": (1.8, 0.2)}


def _lasting(seconds: float, middle: float, width: float) -> float:
    return 0.5 * (1 + math.tanh((seconds - middle) / (2 * width))) if middle else 1.0


def _between(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
