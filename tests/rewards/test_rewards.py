"""Rewards on worked cases: the numbers come from the formulas, by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.moment import tiou as pairwise_tiou
from whenabouts.rewards.absence import absence
from whenabouts.rewards.brevity import brevity
from whenabouts.rewards.format import FORMATS, STRICT
from whenabouts.rewards.hedging import hedging
from whenabouts.rewards.named import reward_named
from whenabouts.rewards.saliency import saliency
from whenabouts.rewards.segments import count, segments, soft_f1
from whenabouts.rewards.tar_tvg import anchor_progress, soft_iou
from whenabouts.rewards.target import Target
from whenabouts.rewards.time_r1 import time_r1
from whenabouts.rewards.timelens import timelens
from whenabouts.rewards.videotemp_o3 import penalised_iou, repeated_crops


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("10.00 to 20.00", 1.0),
        ("12.00 to 20.00", 8 / 10 * (1 - 2 / 40) * 1),
        ("5.00 to 25.00", 10 / 20 * (1 - 5 / 40) * (1 - 5 / 40)),
        ("0.00 to 40.00", 10 / 40 * (1 - 10 / 40) * (1 - 20 / 40)),
        ("15.00 and 30.00", 5 / 20 * (1 - 5 / 40) * (1 - 10 / 40)),
        ("20.00 to 30.00", 0.0),
        ("20.00 to 10.00", 0.0),
        ("15.00 to 15.00", 0.0),
        ("10.00 to 100.00", 10 / 90 * 1 * (1 - 80 / 40)),
        ("about 10 seconds", 0.0),
    ],
)
def test_time_r1_follows_its_formula(answer: str, expected: float) -> None:
    said = f"<think>it starts at 1.00 to 2.00</think> <answer>{answer}</answer>"
    assert time_r1(said, Target(((10.0, 20.0),), 40.0)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("answer", "truth", "duration", "expected"),
    [
        ("0.00 to 60.00", (5.0, 6.0), 1.0, 0.0),  # both factors are negative: no gain
        ("0.00 to 200.00", (0.0, 100.0), 50.0, 0.5 * (1 - 100 / 50)),
        ("0.00 to 9" + "9" * 20, (0.0, 100.0), 50.0, -1.0),
        ("10.00 to 2" + "9" * 400, (10.0, 20.0), 40.0, -10 / 40),  # the limit of the formula
        ("10.00 to 31.00", (10.0, 31.0), 30.0, 1.0),
    ],
)
def test_time_r1_stays_in_bounds_where_annotations_and_answers_do_not(
    answer: str, truth: tuple[float, float], duration: float, expected: float
) -> None:
    assert time_r1(f"<answer>{answer}</answer>", Target((truth,), duration)) == pytest.approx(expected)


def test_time_r1_reads_the_last_interval_of_the_last_answer() -> None:
    said = "<answer>10.00 to 20.00</answer> no: <answer>1.00 to 2.00 or 5.00 TO 25.00</answer> 10.00 to 20.00"
    assert time_r1(said, Target(((10.0, 20.0),), 40.0)) == pytest.approx(0.5 * 0.875**2)


def test_timelens_takes_the_first_span_and_none_that_is_inverted() -> None:
    target = Target(((0.0, 10.0),), 60.0)
    assert timelens("The event happens in 0.0 - 20.0 seconds, or in 0.0 - 10.0 seconds.", target) == 0.5
    assert timelens("The event happens in 10.0 - 0.0 seconds.", target) == 0


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


def test_soft_iou_is_negative_for_disjoint_windows() -> None:
    target = Target(((10.0, 20.0),), 60.0)
    assert soft_iou("<answer>25 to 40</answer>", target) == pytest.approx(-5 / 30)
    assert soft_iou("<answer>15 to 25</answer>", target) == pytest.approx(5 / 15)


@pytest.mark.parametrize(
    ("anchors", "answer", "expected"),
    [
        (["0.0 to 40.0", "8.0 to 20.0"], "10.0 to 20.0", 1.0),
        (["8.0 to 20.0", "0.0 to 40.0"], "10.0 to 20.0", 0.0),  # the last anchor is worse than the first
        (["0.0 to 20.0", "10.0 to 20.0", "10.0 to 15.0"], "10.0 to 15.0", 0.5 * 2 / 3),
        (["30.0 to 40.0", "5.0 to 25.0"], "30.0 to 40.0", 0.0),  # bad anchors before a bad answer buy nothing
        ([], "10.0 to 20.0", 0.0),
        (["10.0 to 20.0"] * 9, "10.0 to 20.0", 0.0),  # too many
    ],
)
def test_anchors_are_paid_for_coming_nearer(anchors: list[str], answer: str, expected: float) -> None:
    thought = " then ".join(f"<timestamp>{anchor}</timestamp>" for anchor in anchors)
    said = f"<think>{thought}</think><answer>{answer}</answer>"
    assert anchor_progress(said, Target(((10.0, 20.0),), 60.0)) == pytest.approx(expected)


def test_wrongly_claimed_seconds_cost() -> None:
    target = Target(((10.0, 20.0),), 60.0)
    assert penalised_iou("<answer>10 to 35</answer>", target) == pytest.approx(10 / 25 - 15 / 50)
    assert penalised_iou("<answer>12 to 18</answer>", target) == pytest.approx(0.6)
    assert penalised_iou("<answer>0 to 60</answer>", target) == pytest.approx(1 / 6 - 1)
    assert penalised_iou("<answer>0 to 30</answer>", Target(((0.0, 60.0),), 60.0)) == 0.5


def test_the_same_crop_again_costs() -> None:
    call = '<tool_call>{{"name": "crop", "arguments": {{"start": {}, "end": {}}}}}</tool_call>'
    target = Target(((10.0, 20.0),), 60.0)
    said = call.format(0, 30) + call.format(10, 20) + call.format(10, 20.5)
    assert repeated_crops(said, target) == pytest.approx(-1 / 3)
    assert repeated_crops("<answer>10 to 20</answer>", target) == 0


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


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("time_r1", "<think>a\nb</think>\n<answer>1.00 to 2.00</answer>\n", "<answer>1.00 to 2.00</answer>"),
        ("time_r1", "<think></think><answer></answer>", "<think>a</think> so <answer>1 to 2</answer>"),
        ("tempsamp_r1", "<answer> 7.00 to 11.00 </answer>", "<answer> 7.00 - 11.00 </answer>"),
        ("tempsamp_r1", "<think>a</think> <answer>7.00 to 11.00</answer>", "<think>a <answer>7.00 to 11.00</answer>"),
        ("timelens", "The event happens in 5.0 - 12.5 seconds.", "It is 5.0 - 12.5 seconds."),
        (
            "tar_tvg",
            "<think>at <timestamp>1.00 to 2.00</timestamp></think><answer>1.00 to 2.00</answer>",
            "<think>at 1.00</think><answer>1.00 to 2.00</answer>",
        ),
        (
            "videotemp_o3",
            '<think>a</think><tool_call>{"start": 1}</tool_call>\n<think>b</think><answer>1 to 2</answer>',
            '<think>a</think><tool_call>{"start": 1}</tool_call>',
        ),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    target = Target(((1.0, 2.0),), 60.0)
    assert (FORMATS[name](good, target), FORMATS[name](bad, target)) == (1, 0)


def test_the_strict_format_does_not_pay_for_tags_alone() -> None:
    target = Target(((1.0, 2.0),), 60.0)
    assert STRICT("<think>a</think><answer>1.00 to 2.00</answer>", target) == 1
    for empty in ("<think></think><answer></answer>", "<think></think><answer>1 to 2</answer><answer>1 to 2</answer>"):
        assert STRICT(empty, target) == 0


def test_impossible_targets_and_unknown_rewards_are_told() -> None:
    with pytest.raises(InputError, match=r"q7: a window needs 0 <= start < end in seconds, not \[5.0, 5.0\]"):
        Target(((5.0, 5.0),), 60.0, sample="q7")
    with pytest.raises(InputError, match="q7: the duration must be a positive"):
        Target(((5.0, 6.0),), 0.0, sample="q7")
    with pytest.raises(InputError, match=r"no reward named 'iou'; choose one of: tiou, .*time_r1"):
        reward_named("iou")
