"""Student's t beside values of published tables, and what holds of any distribution."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.student import t_quantile, two_sided_p

# the two-sided 5 % and 1 % points and the one-sided 10 % point, by degrees of freedom
TABLE = {
    1: (12.706205, 63.656741, 3.077684),
    2: (4.302653, 9.924843, 1.885618),
    5: (2.570582, 4.032143, 1.475884),
    10: (2.228139, 3.169273, 1.372184),
    30: (2.042272, 2.749996, 1.310415),
    120: (1.979930, 2.617421, 1.288646),
}


@pytest.mark.parametrize("freedom", TABLE)
def test_the_points_of_the_tables(freedom: int) -> None:
    five, one, ten = TABLE[freedom]
    assert t_quantile(0.975, freedom) == pytest.approx(five, abs=1e-6)
    assert t_quantile(0.995, freedom) == pytest.approx(one, abs=1e-5)
    assert t_quantile(0.9, freedom) == pytest.approx(ten, abs=1e-6)
    assert two_sided_p(five, freedom) == pytest.approx(0.05, abs=1e-7)
    assert two_sided_p(-one, freedom) == pytest.approx(0.01, abs=1e-7)


@given(st.floats(0.001, 0.999), st.floats(0.5, 1e7))
def test_a_quantile_is_where_the_chance_beyond_it_is_left(probability: float, freedom: float) -> None:
    t = t_quantile(probability, freedom)
    assert two_sided_p(t, freedom) == pytest.approx(2 * min(probability, 1 - probability), rel=1e-7)
    assert t_quantile(1 - probability, freedom) == pytest.approx(-t, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("t", [0.3, 1.96, -2.5])
def test_one_of_cauchy_and_the_normal_one_are_its_ends(t: float) -> None:
    assert two_sided_p(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), abs=1e-12)
    for many in (1e6, 1e9):
        assert two_sided_p(t, many) == 2 * NormalDist().cdf(-abs(t))
    assert two_sided_p(t, 9e5) == pytest.approx(two_sided_p(t, 1e6), rel=2e-5)


@pytest.mark.parametrize("freedom", [1, 7.5, 1e6])
def test_nothing_is_farther_than_nothing_and_all_than_zero(freedom: float) -> None:
    assert two_sided_p(0.0, freedom) == 1.0
    assert two_sided_p(math.inf, freedom) == 0.0
