"""Comparison: whether one system is better than another on the same queries, where, and what the split can show."""

from whenabouts.audit.comparison.compare import compare
from whenabouts.audit.comparison.comparison import Comparison, Versus
from whenabouts.audit.comparison.delta import Delta

__all__ = ["Comparison", "Delta", "Versus", "compare"]
