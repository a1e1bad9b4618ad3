"""Optimal transport between sets of intervals: published values, and what a distance is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.rewards.parse import Window
from whenabouts.rewards.sets import seconds
from whenabouts.rewards.target import Target
from whenabouts.rewards.wasserstein import closeness, endpoint_distance, wasserstein, wasserstein_1, wasserstein_2

quarter = st.integers(0, 400).map(lambda n: n / 4)
window = st.tuples(quarter, quarter).filter(lambda w: w[0] != w[1]).map(lambda w: (min(w), max(w)))
some = st.lists(window, min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("windows", "truths", "distance", "reward"),
    [
        ([(0, 10)], [(20, 30)], 20, 0.1353),
        ([(0, 20)], [(5, 15)], 2.5, 0.7788),
        ([(0, 10), (5, 12)], [(0, 12)], 0, 1.0),
        ([(0, 5)], [(0, 5), (20, 25)], 10, 0.3679),
        ([(0, 30)], [(10, 12)], 7.5714, 0.0227),  # a hedge earns almost nothing
    ],
)
def test_timelens2s_values(windows: list[Window], truths: list[Window], distance: float, reward: float) -> None:
    """TimeLens2 grpo/timelens/rewards/metrics.py: temporal_wasserstein_reward, with beta 1."""
    assert wasserstein_1(windows, truths) == pytest.approx(distance, abs=5e-5)
    assert closeness(wasserstein_1(windows, truths), seconds(truths), 1.0) == pytest.approx(reward, abs=5e-5)
    said = str([list(one) for one in windows])
    target = Target(tuple((float(start), float(end)) for start, end in truths), 60.0)
    assert wasserstein(said, target) == pytest.approx(reward, abs=5e-5)


@given(one=some, other=some)
def test_the_first_distance_is_the_area_between_distribution_functions(one: list[Window], other: list[Window]) -> None:
    at = np.arange(0, 100.25, 0.25)
    gap = np.abs(_distribution(one, at) - _distribution(other, at))
    assert wasserstein_1(one, other) == pytest.approx(np.trapezoid(gap, at), abs=0.25)
    assert wasserstein_1(one, other) <= wasserstein_2(one, other) + 1e-9


def test_the_second_distance_weighs_long_ways_more() -> None:
    assert wasserstein_2([(0, 20)], [(5, 15)]) == pytest.approx(np.sqrt(25 / 3))


@given(one=some, other=some, third=some)
def test_they_are_distances(one: list[Window], other: list[Window], third: list[Window]) -> None:
    for distance in (wasserstein_1, wasserstein_2, endpoint_distance):
        there = distance(one, other)
        assert there == pytest.approx(distance(other, one), abs=1e-9)
        assert distance(one, one[::-1]) == 0
        assert there <= distance(one, third) + distance(third, other) + 1e-9


@given(one=some, shift=st.integers(1, 200))
def test_what_is_moved_as_a_whole_is_as_far_as_it_moved(one: list[Window], shift: int) -> None:
    moved = [(start + shift, end + shift) for start, end in one]
    for distance in (wasserstein_1, wasserstein_2, endpoint_distance):
        assert distance(one, moved) == pytest.approx(shift)


@given(truth=window, steps=st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_the_nearer_the_better_even_without_overlap(truth: Window, steps: list[int]) -> None:
    target = Target((truth,), 1000.0)
    earned = [wasserstein(f"[[{truth[0] + step}, {truth[1] + step}]]", target) for step in sorted(steps)]
    assert earned == sorted(earned, reverse=True)
    assert wasserstein(f"[[{truth[0]}, {truth[1]}]]", target) == 1


def _distribution(windows: list[Window], at: np.ndarray) -> np.ndarray:
    inside = [any(start <= t < end for start, end in windows) for t in at[:-1]]
    return np.concatenate([[0], np.cumsum(inside) / np.sum(inside)])
