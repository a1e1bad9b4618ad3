"""McNemar's test: two systems on the same queries, each of which is a hit or a miss.

It takes queries to be independent. Queries on one video are not, and then p is too small; `metrics.paired` swaps whole
videos instead.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["McNemar", "mcnemar"]


class McNemar(NamedTuple):
    """Two-sided p, exact and mid-p, which is less careful and closer to the level that it claims."""

    exact: float
    mid: float


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """Test so many queries that one system alone hits, by the binomial distribution.

    >>> [round(p, 4) for p in mcnemar(2, 8)]
    [0.1094, 0.0654]
    """
    n, fewer = first_only + second_only, min(first_only, second_only)
    logs = [_log_chance(k, n) for k in range(fewer + 1)]
    below = math.fsum(map(math.exp, logs))
    return McNemar(min(1.0, 2 * below), min(1.0, 2 * below - math.exp(logs[-1])))


def _log_chance(k: int, n: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
