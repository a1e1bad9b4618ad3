"""From curves to moments: golden small curves, brute force, and what must never change the answer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from whenabouts.evidence.boundaries import level, maximal_segments, segments, shots

values = st.integers(-20, 20).map(float)
curves = arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 64).map(lambda n: n / 64))


def slow_maximal_segments(row: list[float], first: int = 0) -> list[tuple[int, int]]:
    """The definition itself: the best subsequence (shortest, leftmost), then the same left and right of it."""
    spans = [(sum(row[i:j]), i, j) for i in range(len(row)) for j in range(i + 1, len(row) + 1)]
    best = max((total for total, _, _ in spans), default=0.0)
    if best <= 0:
        return []
    _, i, j = min((s for s in spans if s[0] == best), key=lambda s: (s[2] - s[1], s[1]))
    left, right = slow_maximal_segments(row[:i], first), slow_maximal_segments(row[j:], first + j)
    return [*left, (first + i, first + j), *right]


@given(st.lists(values, max_size=14))
def test_maximal_segments_have_the_best_sum_of_the_definition(row: list[float]) -> None:
    found = maximal_segments(np.array(row))
    wanted = slow_maximal_segments(row)
    assert sum(sum(row[i:j]) for i, j in found) == sum(sum(row[i:j]) for i, j in wanted)
    assert all(sum(row[i:k]) > 0 and sum(row[k:j]) >= 0 for i, j in found for k in range(i + 1, j))
    assert all(a[1] <= b[0] for a, b in pairwise(found))


def test_shots_begin_where_the_picture_changes() -> None:
    red, green, blue = np.eye(3)
    vectors = np.array([red] * 4 + [green] * 3 + [0.9 * green + 0.1 * red] * 2 + [blue] * 5)
    assert shots(vectors).tolist() == [0, 4, 9]


@given(curves)
def test_levelling_keeps_the_mean_of_a_curve_without_cuts_near(curve: np.ndarray) -> None:
    levelled = level(curve, np.array([0]))
    assert levelled.shape == curve.shape
    assert curve.min() - 1e-9 <= levelled.min() and levelled.max() <= curve.max() + 1e-9


def test_two_bright_shots_are_two_moments_best_first() -> None:
    curve = np.array([0.1] * 10 + [0.7] * 6 + [0.1] * 8 + [0.9] * 4 + [0.1] * 10)
    cuts = np.array([0, 10, 16, 24, 28])
    assert [(s.first, s.last) for s in segments(curve, cuts)] == [(24, 28), (10, 16)]


def test_a_flat_curve_has_no_moment() -> None:
    assert segments(np.full(30, 0.4), np.array([0])) == []


@given(curves, st.integers(-3, 4), st.integers(-8, 8))
def test_moments_do_not_depend_on_the_scale_of_scores(curve: np.ndarray, power: int, shift: int) -> None:
    cuts = np.array([0])
    plain = [(s.first, s.last) for s in segments(curve, cuts)]
    assert all(0 <= first < last <= len(curve) for first, last in plain)
    other = [(s.first, s.last) for s in segments(curve * 2.0**power + shift, cuts)]
    if np.ptp(curve) > 0.1 and len(plain) == len(other) == 1:  # ties and rounding may swap equals
        assert plain[0] == pytest.approx(other[0], abs=1)
