"""Advantages against references computed here and a worked example of TempSamp-R1."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.training.post.advantages import Shaping, clipped_objective, group_advantages, with_truth


@pytest.mark.parametrize("scale", [True, False])
def test_group_advantages_equal_the_definition(scale: bool) -> None:
    rewards = np.random.default_rng(0).uniform(0, 2, (5, 8))
    for row, found in zip(rewards.tolist(), group_advantages(rewards, scale=scale).tolist(), strict=True):
        mean, deviation = statistics.mean(row), statistics.stdev(row)
        assert found == pytest.approx([(r - mean) / (deviation + 1e-4 if scale else 1) for r in row])


def test_a_group_of_equals_learns_nothing() -> None:
    assert group_advantages([[1.5, 1.5, 1.5]]).tolist() == [[0, 0, 0]]


def test_a_bad_group_names_its_sample() -> None:
    with pytest.raises(InputError, match=r"q2: the rewards \[1.0, nan\] hold one that is no finite number"):
        group_advantages([[0.0, 1.0], [1.0, math.nan]], samples=["q1", "q2"])
    for empty in ([], [[]], [[1.0]]):
        with pytest.raises(InputError, match="q1: a group needs at least two answers"):
            group_advantages(empty, samples=["q1"])


def test_tempsamp_r1_on_a_worked_example() -> None:
    """Three sampled answers of tIoU 0, 0.5 and 0.9 beside the true one; threshold 0.8, alpha 1, gain 0.01."""
    shaped = [
        0.8 - (math.e**0.8 - 1) / (math.e - 1),  # 0.0868
        0.8 - (math.e**0.3 - 1) / (math.e - 1),  # 0.5964
        0.8 + 0.01 * math.log(1.1),  # 0.80095
        0.8 + 0.01 * math.log(1.2),  # 0.80182
    ]
    assert Shaping()([0.0, 0.5, 0.9, 1.0]).tolist() == pytest.approx(shaped)
    mean, deviation = statistics.mean(shaped), statistics.stdev(shaped)
    expected = [(r - mean) / (deviation + 1e-4) for r in shaped]
    assert with_truth([[0.0, 0.5, 0.9]], [1.0], shaping=Shaping())[0].tolist() == pytest.approx(expected)


def test_shaping_keeps_the_order_and_punishes_low_answers_more() -> None:
    shaped = Shaping()(np.linspace(0, 1, 101))
    assert (np.diff(shaped) > 0).all()
    assert (shaped[80] - shaped[60]) > 10 * (shaped[100] - shaped[80])
    assert (shaped[20] - shaped[0]) > (shaped[80] - shaped[60])


def test_clipping_is_asymmetric_and_stops_only_what_goes_too_far() -> None:
    ratios, advantages = [1.5, 0.5, 1.5, 0.5], [1.0, 1.0, -1.0, -1.0]
    assert clipped_objective(ratios, advantages).tolist() == pytest.approx([1.28, 0.5, -1.5, -0.8])
