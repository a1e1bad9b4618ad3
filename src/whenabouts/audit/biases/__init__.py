"""Biases of a benchmark, one a file; `BIASES` has them by name."""

from __future__ import annotations

from whenabouts.audit.biases.bias import Bias, Finding, Subject

__all__ = ["BIASES", "Bias", "Finding", "Subject"]

BIASES: dict[str, Bias] = {}
