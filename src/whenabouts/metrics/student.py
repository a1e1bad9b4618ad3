"""Student's t distribution, for tests of few queries or videos."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

__all__ = ["t_quantile", "two_sided_p"]

TINY = 1e-300
STEPS = 300  # of the continued fraction, which needs about the root of its larger argument
MANY = 1e6  # degrees of freedom from which the distribution is the normal one


def two_sided_p(t: float, freedom: float) -> float:
    """The chance of a value at least as far from 0 as `t`, with `freedom` > 0 degrees of freedom.

    >>> round(two_sided_p(2.228, 10), 3)
    0.05
    """
    if freedom >= MANY:
        return 2 * NormalDist().cdf(-abs(t))
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: float) -> float:
    """The value below which the given share, in (0, 1), of the distribution lies.

    >>> round(t_quantile(0.975, 10), 3)
    2.228
    """
    if freedom >= MANY:
        return NormalDist().inv_cdf(probability)
    tail = 2 * min(probability, 1 - probability)
    front = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    t = -NormalDist().inv_cdf(tail / 2)  # less than the quantile, from where Newton's steps never go too far
    for _ in range(STEPS):
        density = math.exp(front - (freedom + 1) / 2 * math.log1p(t * t / freedom))
        step = (two_sided_p(t, freedom) - tail) / (2 * density)
        t += step
        if abs(step) <= 1e-13 * t:
            break
    return math.copysign(t, probability - 0.5)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (modified Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _not_zero(1 + term * d), _not_zero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
