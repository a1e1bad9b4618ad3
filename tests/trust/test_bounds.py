"""Bounds hold what they say, and are wide where there is little to go by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.presence import auroc
from whenabouts.trust.flaws.bounds import auroc_interval, mean_interval, share_interval, sign_test

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(SHARES)
def test_the_mean_is_within_its_bounds(values: list[float]) -> None:
    for low, high in [(0.0, 1.0)]:
        found = share_interval(values, range(len(values)))
        assert low <= found.low <= found.mean + 1e-9 and found.mean - 1e-9 <= found.high <= high


def test_wilson_by_hand() -> None:
    found = share_interval([True] * 8 + [False] * 2, range(10))  # 8 of 10: (0.4902, 0.9433)
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high >= 0.9433


def test_queries_on_one_video_are_no_more_than_one_observation() -> None:
    values = [1.0] * 20 + [0.0] * 20
    alone = share_interval(values, range(40))
    together = share_interval(values, [0] * 20 + [1] * 20)
    assert together.low < alone.low and together.high > alone.high


def test_one_value_has_no_bound() -> None:
    found = mean_interval([0.3], ["a"])
    assert found.low == -np.inf and found.high == np.inf


def test_the_interval_of_delong_by_hand() -> None:
    # positives 0.9, 0.4 and negatives 0.5, 0.1: shares right 1, 0.5 and 0.5, 1; variances 0.125 / 2 each
    found = auroc_interval([0.9, 0.4, 0.5, 0.1], [True, True, False, False], range(4))
    assert found.mean == auroc([0.9, 0.4, 0.5, 0.1], [True, True, False, False]) == 0.75
    assert found.high == 1.0 and found.low <= 0.75 - 1.96 * np.sqrt(0.125) + 1e-3


def test_scores_that_are_all_equal_tell_nothing_for_certain() -> None:
    found = auroc_interval([0.9] * 20, [True] * 10 + [False] * 10, [0, 1] * 10)
    assert (found.low, found.mean, found.high) == (0.5, 0.5, 0.5)


def test_the_interval_of_auroc_covers_the_truth() -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        scores = np.concatenate([rng.normal(1, 1, 30), rng.normal(0, 1, 30)])  # AUROC = Phi(1 / sqrt(2)) = 0.7602
        found = auroc_interval(scores, [True] * 30 + [False] * 30, range(60))
        held += found.low <= 0.7602 <= found.high
    assert held >= 182  # of 200; 190 expected


def test_a_sign_test_by_hand() -> None:
    assert sign_test(3, 1) == pytest.approx(5 / 16)
    assert sign_test(0, 0) == 1.0
