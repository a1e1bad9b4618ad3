"""BOLT beside values of the official code, and where that divides by zero or draws a frame twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.selection import load_selector
from whenabouts.selection.bolt import bolt
from whenabouts.selection.uniform import evenly

SCORES = (np.arange(100) * 37 % 101) / 100


# BOLT select_frames.py: inverse_transform_sampling, commit 8a9ba45: run on SCORES; its power of -1 is none, thus 1
@pytest.mark.parametrize(
    ("budget", "power", "official"),
    [
        (8, 3.0, [16, 24, 34, 46, 57, 65, 78, 87]),
        (8, 1.0, [13, 24, 34, 45, 56, 65, 77, 87]),
        (2, 3.0, [49, 49]),
        (1, 3.0, [99]),
    ],
)
def test_strict_official_gives_what_the_official_code_gives(budget: int, power: float, official: list[int]) -> None:
    assert bolt(SCORES, budget, power=power, strict_official=True).tolist() == official


def test_the_official_code_gives_equal_scores_the_first_frame_only() -> None:
    assert bolt(np.ones(20), 4, strict_official=True).tolist() == [0, 0, 0, 0]


@given(st.integers(1, 40), st.floats(-1e3, 1e3))
def test_equal_scores_are_shown_evenly(budget: int, score: float) -> None:
    assert bolt(np.full(40, score), budget).tolist() == evenly(40, budget).tolist()


def test_a_spike_is_shown_with_what_is_around_it() -> None:
    assert bolt(np.eye(1, 100, 70)[0], 5).tolist() == [68, 69, 70, 71, 72]


@given(st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_a_frame_that_is_drawn_is_shown_once(budget: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random(int(rng.integers(budget, 200))).round(1)
    scores[0] += 2  # never all equal
    chosen = bolt(scores, budget)
    assert len(set(chosen)) == budget
    assert set(bolt(scores, budget, strict_official=True)) <= set(chosen)


def test_a_power_that_turns_scores_round_is_refused() -> None:
    with pytest.raises(InputError, match="must be positive, got -1"):
        load_selector("bolt", power=-1)
