"""AKS beside values of the official code, and what its rounding loses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.selection import load_selector
from whenabouts.selection.aks import aks

SCORES = (np.arange(100) * 37 % 101) / 100
SPIKE = np.eye(1, 1024, 700)[0]


# AKS frame_select.py, main() with meanstd(), ratio 1, commit 4667501: run on SCORES
@pytest.mark.parametrize(
    ("budget", "contrast", "official"),
    [
        (16, 0.8, []),
        (
            40,
            0.3,
            [
                *(2, 5, 8, 10, 13, 16, 18, 19, 21, 24, 27, 29, 30, 32, 35, 38, 40, 43, 46, 49),
                *(51, 54, 57, 59, 60, 62, 65, 68, 70, 73, 76, 79, 81, 84, 87, 89, 90, 92, 95, 98),
            ],
        ),
    ],
)
def test_strict_official_gives_what_the_official_code_gives(budget: int, contrast: float, official: list[int]) -> None:
    assert aks(SCORES, budget, contrast=contrast, strict_official=True).tolist() == official


def test_equal_scores_give_the_first_of_each_segment_as_officially() -> None:
    # the same function on 100 equal scores, whose scaling is 0 / 0
    assert aks(np.ones(100), 64, strict_official=True)[:12].tolist() == [0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16]


@pytest.mark.parametrize("budget", [8, 16, 32, 64])
def test_a_spike_is_shown_in_a_segment_that_has_its_share_of_the_budget(budget: int) -> None:
    cuts = min(5, budget.bit_length() - 1)
    width = 1024 >> cuts
    chosen = aks(SPIKE, budget)
    assert 700 in chosen
    assert np.sum(chosen // width == 700 // width) == budget >> cuts


def test_what_stands_out_as_a_whole_is_shown_alone() -> None:
    plateau = np.zeros(1000)
    plateau[500:520] = 1
    assert set(aks(plateau, 16)) <= set(range(500, 520))


@given(st.integers(1, 120), st.integers(0, 2**32 - 1))
def test_rounding_loses_no_frame(budget: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random(int(rng.integers(budget, 300))).round(1)
    chosen = aks(scores, budget)
    assert len(set(chosen)) == budget
    if budget in {32, 64}:
        assert set(aks(scores, budget, strict_official=True)) <= set(chosen)


def test_a_depth_of_any_size_ends() -> None:
    assert aks(SCORES, 8, depth=10**6, strict_official=True).tolist() == []
    with pytest.raises(InputError, match="at least 0, got -1"):
        load_selector("aks", depth=-1)
