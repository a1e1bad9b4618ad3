"""Signals: what a picture shows that needs no understanding. Black, one colour, bars, frozen, flashes, cuts, fades."""

from whenabouts.evidence.signals.names import SIGNALS

__all__ = ["SIGNALS"]
