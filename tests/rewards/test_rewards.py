"""Rewards on worked cases: the numbers come from the formulas, by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.moment import tiou as pairwise_tiou
from whenabouts.rewards.absence import absence
from whenabouts.rewards.brevity import brevity
from whenabouts.rewards.format import strict_format
from whenabouts.rewards.hedging import hedging
from whenabouts.rewards.saliency import saliency
from whenabouts.rewards.segments import count, segments, soft_f1
from whenabouts.rewards.target import Target


def test_several_moments_are_assigned_as_well_as_can_be() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        a, b = (np.sort(rng.uniform(0, 30, (n, 2)), axis=1) for n in (3, 4))
        overlaps = pairwise_tiou(a, b)
        best = max(sum(overlaps[i, j] for i, j in enumerate(order)) for order in itertools.permutations(range(4), 3))
        windows, truths = ([(float(s), float(e)) for s, e in rows] for rows in (a, b))
        assert soft_f1(tuple(windows), tuple(truths)) == pytest.approx(2 * best / 7)


def test_listing_everything_does_not_pay() -> None:
    target = Target(((10.0, 20.0),), 60.0)
    every = "[" + ", ".join(f"[{s}, {s + 10}]" for s in range(0, 60, 10)) + "]"
    assert segments(every, target) == pytest.approx(2 / 7)
    assert count(every, target) == pytest.approx(1 / 6)
    assert segments("[[10, 20]]", target) == count("[[10, 20]]", target) == 1
    assert segments("[]", Target((), 60.0)) == count("[]", Target((), 60.0)) == 1


def test_saliency_counts_ordered_pairs() -> None:
    target = Target((), 8.0, saliency=(4, 1, 0, 1))
    assert saliency("<saliency>[9, 5, 1, 4]</saliency>", target) == 1
    assert saliency("<saliency>[1, 1, 1, 1]</saliency>", target) == 0.5
    assert saliency("<saliency>[0, 5, 9, 5]</saliency>", target) == 0
    assert saliency("<saliency>[9, 1, 5, 5]</saliency>", target) == pytest.approx(
        (3 + 0 + 0.5) / 5
    )  # right, wrong, tied
    assert saliency("<saliency>[1e308, 0, -1e308, 0]</saliency>", target) == 1
    for wrong in (
        "[9, 5, 1]",
        f"[1{'0' * 400}, 1, 0, 1]",
        "[true, 0, 0, 0]",
        "[9, 5, 1, null]",
        "9 5 1 4",
        "[9, 5, 1, NaN]",
        '{"a": 1}',
    ):
        assert saliency(f"<saliency>{wrong}</saliency>", target) == 0


def test_silence_is_paid_on_neither_side() -> None:
    assert absence("<answer></answer>", Target((), 60.0)) == absence("<answer></answer>", Target(((1, 2),), 60.0)) == 0


def test_hedging_counts_all_intervals_together() -> None:
    target = Target(((10.0, 20.0),), 60.0)
    assert hedging("[[0, 20], [20, 35]]", target) == pytest.approx(-25 / 50)
    assert hedging("[[10, 20]]", target) == hedging("nothing", target) == 0
    assert hedging("[[0, 60]]", Target((), 60.0)) == -1


def test_brevity_falls_in_a_straight_line() -> None:
    target = Target((), 1.0)
    assert [brevity(100, 50)("x" * n, target) for n in (10, 50, 75, 100, 900)] == [0, 0, -0.5, -1, -1]
    with pytest.raises(InputError, match="margin=0"):
        brevity(100, 0)


def test_the_strict_format_does_not_pay_for_tags_alone() -> None:
    target = Target(((1.0, 2.0),), 60.0)
    assert strict_format("<think>a</think><answer>1.00 to 2.00</answer>", target) == 1
    for empty in ("<think></think><answer></answer>", "<think></think><answer>1 to 2</answer><answer>1 to 2</answer>"):
        assert strict_format(empty, target) == 0


def test_impossible_targets_are_refused() -> None:
    with pytest.raises(InputError, match=r"q7: a window needs 0 <= start < end in seconds, not \[5.0, 5.0\]"):
        Target(((5.0, 5.0),), 60.0, sample="q7")
    with pytest.raises(InputError, match="q7: the duration must be a positive"):
        Target(((5.0, 6.0),), 0.0, sample="q7")
