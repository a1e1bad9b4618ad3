"""Intervals over videos: what is exact of them, and what they cost in width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.bootstrap import Interval, Resampling, intervals_of_means, tail

RNG = np.random.default_rng(5)
VIDEOS = [f"v{k // 3}" for k in range(60)]
VALUES = RNG.random(60) + np.repeat(RNG.random(20), 3)


def test_a_mean_is_that_of_the_values_or_of_those_among_them() -> None:
    drawn = Resampling(VIDEOS)
    among = np.arange(60) % 2 == 0
    assert drawn.mean(VALUES).mean == VALUES.mean()
    assert drawn.mean(VALUES, among).mean == VALUES[among].mean()


def test_it_is_the_bootstrap_of_whole_videos_drawn_one_by_one() -> None:
    rounds = 4000
    found = Resampling(VIDEOS, rounds=rounds).mean(VALUES)
    draws = np.random.default_rng(9).integers(0, 20, (rounds, 20))
    means = VALUES.reshape(20, 3).mean(axis=1)[draws].mean(axis=1)
    share = tail(20, 0.95)
    assert [found.low, found.high] == pytest.approx(np.quantile(means, [share, 1 - share]), abs=0.02)


def test_draws_without_any_of_those_asked_about_are_passed_over() -> None:
    among = np.isin(VIDEOS, ["v0", "v1"])  # a third of the draws have neither
    found = Resampling(VIDEOS).mean(VALUES, among)
    each = [VALUES[:3].mean(), VALUES[3:6].mean()]
    assert min(each) - 1e-9 <= found.low < found.mean < found.high <= max(each) + 1e-9


def test_of_one_video_nothing_follows() -> None:
    drawn = Resampling(VIDEOS)
    one = np.isin(VIDEOS, ["v4"])
    assert drawn.mean(VALUES, one, bounds=(0.0, 2.0)) == Interval(VALUES[12:15].mean(), 0.0, 2.0)
    assert len(set(drawn.mean(VALUES, one))) == 1
    assert intervals_of_means({"a": np.array([1.0, 3.0])}, ["x", "x"], bounds=(0, 5)) == {"a": (2.0, 0, 5)}


def test_more_confidence_is_wider_and_few_videos_are_wider() -> None:
    drawn = Resampling(VIDEOS)
    widths = [(found := drawn.mean(VALUES, confidence=share)).high - found.low for share in (0.5, 0.9, 0.95, 0.99)]
    assert widths == sorted(widths)
    assert tail(2, 0.95) < tail(5, 0.95) < tail(50, 0.95) < 0.025
    assert tail(10**7, 0.95) == pytest.approx(0.025, rel=1e-4)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.integers(0, 3))
def test_an_interval_holds_its_mean_and_lies_within_the_values(values: list[float], seed: int) -> None:
    row = np.array(values)
    found = Resampling(range(len(row)), rounds=200, seed=seed).mean(row)
    assert row.min() - 1e-9 <= found.low <= found.mean <= found.high <= row.max() + 1e-9


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    first, again, other = (Resampling(VIDEOS, seed=seed).mean(VALUES) for seed in (0, 0, 1))
    assert first == again != other
    assert intervals_of_means({"a": VALUES, "b": -VALUES}, VIDEOS)["a"] == first


def test_a_median_lies_between_values_and_holds_half_of_them() -> None:
    drawn, among = Resampling(VIDEOS), np.arange(60) < 40
    found = drawn.median(VALUES, among)
    assert found.mean == np.median(VALUES[:40])
    assert VALUES[:40].min() < found.low < found.mean < found.high < VALUES[:40].max()
    wide = drawn.median(VALUES, among, confidence=0.999)
    assert wide.low <= found.low
    assert wide.high >= found.high


def test_what_cannot_be_resampled_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one video"):
        Resampling([])
    with pytest.raises(ValueError, match="59 values need as many videos, got 60"):
        Resampling(VIDEOS).mean(VALUES[:-1])
    with pytest.raises(ValueError, match="60 values"):
        Resampling(VIDEOS).mean(VALUES, np.zeros(60, bool))
    with pytest.raises(ValueError, match="0 values"):
        intervals_of_means({"a": np.zeros(0)}, [])
