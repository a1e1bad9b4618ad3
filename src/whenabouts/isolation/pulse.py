"""A sign of life: whoever reads a file beats once for each thing that is new, and a child that is silent is ended."""

from __future__ import annotations

__all__ = ["Pulse", "beat"]


class Pulse:
    """How often this process got on, and whether it has anything to do."""

    beats = 0
    busy = False


def beat() -> None:
    """Reading got on: a picture came out, or a stretch of the file that had not been read before."""
    Pulse.beats += 1
