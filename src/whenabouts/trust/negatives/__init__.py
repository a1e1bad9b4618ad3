"""Queries that do not happen, made from those that do."""

from __future__ import annotations

from whenabouts.trust.negatives.make import KINDS, Made, make_negatives

__all__ = ["KINDS", "Made", "make_negatives"]
