"""What every reward for one moment must be: bounded, 1 only for the truth, kind to more overlap, blind to the unit."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target

ONE_MOMENT = ("tiou", "giou", "diou", "time-r1", "timelens", "soft-iou", "penalised-iou", "boundary", "segments")
ROOM = 1024.0  # seconds: windows lie on quarters of a second inside, so that text carries them exactly

quarter = st.integers(0, int(ROOM) * 4).map(lambda n: n / 4)
window = st.tuples(quarter, quarter).filter(lambda w: w[0] != w[1]).map(lambda w: (min(w), max(w)))


def answer(window: Window) -> str:
    return f"<answer>{window[0]:.2f} to {window[1]:.2f}</answer>"


def answer_for(name: str, window: Window) -> str:
    return f"The event happens in {window[0]:.2f} - {window[1]:.2f} seconds." if name == "timelens" else answer(window)


@given(text=st.text(max_size=200) | window.map(answer), truth=window)
def test_every_reward_is_a_number_between_minus_one_and_one(text: str, truth: Window) -> None:
    for name, reward in REWARDS.items():
        assert -1 <= reward(text, Target((truth,), ROOM, saliency=(1.0, 2.0))) <= 1, name
        assert -1 <= reward(text, Target((), ROOM)) <= 1, name


ENDLESS = "9" * 400
ODD = (
    f"<think></think><answer>0 to {ENDLESS}</answer>",
    f"<answer>{ENDLESS} to {ENDLESS}</answer>",
    f"The event happens in 1.0 - {ENDLESS} seconds.",
    f"<think><timestamp>1 to {ENDLESS}</timestamp></think><answer>1 to 2</answer>",
    f"<saliency>[{ENDLESS}, 1]</saliency>",
    f'<tool_call>{{"start": 0, "end": {ENDLESS}}}</tool_call>' * 2,
    '{"start": NaN, "end": Infinity}',
    "[[0, 1e299], [1e298, 1e299]]",
    "[[-0.0, 5e-324]]",
    "<answer>inf to nan</answer>",
    "<answer>5 to 3</answer>",
    "<answer>٣ to ٥</answer>",
    "1000000% to 2000000%",
    "<think>" * 1000,
)
TRUTHS = (((10.0, 20.0),), (), ((0.0, 100.0),), ((70.0, 80.0),), ((0.0, 60.0),), ((0.0, 1e-9), (1.0, 2.0)))


@pytest.mark.parametrize("name", REWARDS)
def test_what_nobody_should_say_or_annotate_is_a_number_too(name: str) -> None:
    earned = {(text, truth): REWARDS[name](text, Target(truth, 60.0, (1.0, 2.0))) for text in ODD for truth in TRUTHS}
    assert {case: value for case, value in earned.items() if not -1 <= value <= 1} == {}


@given(said=window, truth=window)
def test_only_the_exact_interval_earns_one(said: Window, truth: Window) -> None:
    target = Target((truth,), ROOM)
    for name in ONE_MOMENT:
        assert REWARDS[name](answer_for(name, truth), target) == 1, name
        assert said == truth or REWARDS[name](answer_for(name, said), target) < 1, name


@given(ends=st.tuples(*[quarter] * 6))
def test_a_window_between_the_truth_and_a_worse_one_is_worth_no_less(ends: tuple[float, ...]) -> None:
    a, b, c, d, e, f = sorted(ends)
    assume(a < b < c < d < e < f)
    for name in (name for name in ONE_MOMENT if name != "diou"):  # its centre may wander off
        reward = REWARDS[name]
        grown = [reward(answer_for(name, w), Target(((c, d),), ROOM)) for w in ((c, d), (b, e), (a, f))]
        shrunk = [reward(answer_for(name, w), Target(((a, f),), ROOM)) for w in ((a, f), (b, e), (c, d))]
        assert grown == sorted(grown, reverse=True), name
        assert shrunk == sorted(shrunk, reverse=True), name


@given(said=window, truth=window, factor=st.sampled_from([0.25, 2.0, 8.0]))
def test_a_slower_clock_changes_nothing(said: Window, truth: Window, factor: float) -> None:
    said, truth = ((round(4 * w[0]), round(4 * w[1])) for w in (said, truth))  # whole seconds stay exact in the text
    for name in (*ONE_MOMENT, "hedging"):
        reward = REWARDS[name]
        slow_answer = answer_for(name, (said[0] * factor, said[1] * factor))
        slow = reward(slow_answer, Target((_times(truth, factor),), 4096 * factor))
        assert slow == pytest.approx(reward(answer_for(name, said), Target((truth,), 4096.0)), abs=1e-12), name


def _times(window: Window, factor: float) -> Window:
    return window[0] * factor, window[1] * factor


@pytest.mark.parametrize(
    "name", ["tiou", "giou", "diou", "time-r1", "timelens", "soft-iou", "penalised-iou", "absence"]
)
def test_where_nothing_happens_only_saying_so_is_paid(name: str) -> None:
    nothing = Target((), 60.0)
    assert REWARDS[name]("The event does not happen in this video.", nothing) == 1
    assert REWARDS[name](answer_for(name, (1.0, 2.0)), nothing) <= 0
    assert REWARDS[name]("The event does not happen in this video.", Target(((1.0, 2.0),), 60.0)) <= 0
