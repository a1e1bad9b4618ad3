"""Comparison: whether one system is better than another on the same queries, where, and what the split can show."""

from whenabouts.auditing.comparison.compare import compare
from whenabouts.auditing.comparison.comparison import Comparison, Versus
from whenabouts.auditing.comparison.delta import Delta

__all__ = ["Comparison", "Delta", "Versus", "compare"]
