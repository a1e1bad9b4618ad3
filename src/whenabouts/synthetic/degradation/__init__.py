"""Degradation over time: a stretch of a video blurred, noisy, compressed, frozen or with pictures that do not come."""

from whenabouts.synthetic.degradation.degraded import DEGRADATIONS, SEVERITIES, Degraded

__all__ = ["DEGRADATIONS", "SEVERITIES", "Degraded"]
