"""How likely it is that a stretch is what a query means, by kind of sound, how long it lasts and how strong it is."""

from __future__ import annotations

import math

from whenabouts.evidence.found import Found

__all__ = ["RATES", "probability"]

# Of what is asked and what was found, measured by bench/sounds.py.
RATES = {
    ("silence", "silence"): 0.95,
    ("no speech", "no speech"): 0.85,
    ("no speech", "silence"): 0.8,
    ("speech", "speech"): 0.75,
    ("singing", "singing"): 0.8,
    ("music", "music"): 0.85,
    ("sudden", "sudden"): 0.85,
    ("loud", "loud"): 0.75,
    ("loud", "sudden"): 0.4,
    ("louder", "louder"): 0.4,
    ("quieter", "quieter"): 0.4,
    ("level", "louder"): 0.4,
    ("level", "quieter"): 0.4,
    ("tone", "tone"): 0.85,
}

# Seconds at which half of them are meant, and over which that rises.
_LENGTHS = {"silence": (1.9, 0.25), "no speech": (2.2, 0.3), "music": (2.0, 0.5)}
_LONG = (5.0, 0.8)
_DEPTHS = (13.0, 1.5)  # dB under what is loud in the file at which half of the silences are meant, and their width


def probability(found: Found, asked: str, *, long: bool) -> float | None:
    """Of a stretch for what is asked, a name in `HEARD`; None where the stretch is of another kind.

    long: whether a long one is asked for
    """
    rate = RATES.get((asked, found.what))
    if rate is None:
        return None
    sure = rate * _rising(found.duration, *_LENGTHS.get(asked, (0.0, 0.01)))
    if found.what == "silence" and found.strength > 0:
        sure *= _rising(found.strength, *_DEPTHS)
    return sure * _rising(found.duration, *_LONG) if long else sure


def _rising(value: float, middle: float, width: float) -> float:
    return 0.5 * (1 + math.tanh((value - middle) / (2 * width)))
