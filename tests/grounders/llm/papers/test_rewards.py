"""The rewards of papers on worked cases: the numbers come from the formulas, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.grounders.llm.papers.tar_tvg import anchor_progress, soft_iou
from whenabouts.grounders.llm.papers.tempsamp_r1 import shaped
from whenabouts.grounders.llm.papers.time_r1 import timestamp_aware_iou
from whenabouts.grounders.llm.papers.timelens import timelens
from whenabouts.grounders.llm.papers.videotemp_o3 import penalised_iou, repeated_crops
from whenabouts.rewards.target import Target


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
    assert timestamp_aware_iou(said, Target(((10.0, 20.0),), 40.0)) == pytest.approx(expected, abs=1e-12)


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
    assert timestamp_aware_iou(f"<answer>{answer}</answer>", Target((truth,), duration)) == pytest.approx(expected)


def test_time_r1_reads_the_last_interval_of_the_last_answer() -> None:
    said = "<answer>10.00 to 20.00</answer> no: <answer>1.00 to 2.00 or 5.00 TO 25.00</answer> 10.00 to 20.00"
    assert timestamp_aware_iou(said, Target(((10.0, 20.0),), 40.0)) == pytest.approx(0.5 * 0.875**2)


def test_timelens_takes_the_first_span_and_none_that_is_inverted() -> None:
    target = Target(((0.0, 10.0),), 60.0)
    assert timelens("The event happens in 0.0 - 20.0 seconds, or in 0.0 - 10.0 seconds.", target) == 0.5
    assert timelens("The event happens in 10.0 - 0.0 seconds.", target) == 0


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


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("time-r1", "<think>a\nb</think>\n<answer>1.00 to 2.00</answer>\n", "<answer>1.00 to 2.00</answer>"),
        ("time-r1", "<think></think><answer></answer>", "<think>a</think> so <answer>1 to 2</answer>"),
        (
            "tempsamp-r1",
            "so <answer> 7.00-11.00 </answer> or <answer></answer>",
            "<answer></answer> <answer>7 to 11</answer>",
        ),
        ("taro", "<think>a</think> <answer>1.00s to 2.00s</answer>", "<think></think><think></think><answer></answer>"),
        (
            "ra-rft",
            "<think>a</think> <answer>b</answer>\n<correction></correction>",
            "<think>a</think> <answer>b</answer>",
        ),
        ("timelens", "The event happens in 5.0 - 12.5 seconds.", "It is 5.0 - 12.5 seconds."),
        (
            "tar-tvg",
            "<think>at <timestamp>1.00 to 2.00</timestamp></think><answer>1.00 to 2.00</answer>",
            "<think>at 1.00</think><answer>1.00 to 2.00</answer>",
        ),
        (
            "videotemp-o3",
            '<think>a</think><tool_call>{"start": 1}</tool_call>\n<think>b</think><answer>1 to 2</answer>',
            '<think>a</think><tool_call>{"start": 1}</tool_call>',
        ),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    target = Target(((1.0, 2.0),), 60.0)
    assert (REWARDS[f"{name}-format"](good, target), REWARDS[f"{name}-format"](bad, target)) == (1, 0)


def test_tempsamp_r1_shapes_rewards_by_its_formula() -> None:
    """tIoU 0, 0.5, 0.9 and 1 with threshold 0.8, alpha 1 and gain 0.01."""
    expected = [
        0.8 - (math.e**0.8 - 1) / (math.e - 1),  # 0.0868
        0.8 - (math.e**0.3 - 1) / (math.e - 1),  # 0.5964
        0.8 + 0.01 * math.log(1.1),  # 0.80095
        0.8 + 0.01 * math.log(1.2),  # 0.80182
    ]
    assert [shaped(r) for r in (0.0, 0.5, 0.9, 1.0)] == pytest.approx(expected)


def test_shaping_keeps_the_order_and_punishes_low_answers_more() -> None:
    values = [shaped(r) for r in np.linspace(0, 1, 101)]
    assert (np.diff(values) > 0).all()
    assert (values[80] - values[60]) > 10 * (values[100] - values[80])
    assert (values[20] - values[0]) > (values[80] - values[60])


def test_an_unknown_reward_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match=r"unknown reward 'iou'; choose one of: tiou, .*time-r1"):
        REWARDS.named("iou")
