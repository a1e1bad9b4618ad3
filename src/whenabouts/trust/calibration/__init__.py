"""Calibration of presence: what a grounder says of a query becomes the share of such queries that happen.

A method is a file and a line in `METHODS`, simplest first; other packages add theirs under `whenabouts.calibrators`.
"""

from __future__ import annotations

from whenabouts.plugins import Registry
from whenabouts.trust.calibration.calibrator import PresenceCalibrator
from whenabouts.trust.calibration.choose import choose_method

__all__ = ["METHODS", "PresenceCalibrator", "choose_method"]

METHODS: Registry[type[PresenceCalibrator]] = Registry(
    "method of calibration",
    "whenabouts.calibrators",
    {
        "temperature": "whenabouts.trust.calibration.temperature:Temperature",
        "platt": "whenabouts.trust.calibration.platt:Platt",
        "beta": "whenabouts.trust.calibration.beta:Beta",
        "isotonic": "whenabouts.trust.calibration.isotonic:Isotonic",
    },
    fits=lambda part: isinstance(part, type) and issubclass(part, PresenceCalibrator),
)
