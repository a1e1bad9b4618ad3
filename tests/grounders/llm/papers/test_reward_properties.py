"""What every reward for one moment must be: bounded, 1 only for the truth, kind to more overlap, blind to the unit."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target

ONE_MOMENT = (
    "tiou",
    "giou",
    "diou",
    "time-r1",
    "timelens",
    "soft-iou",
    "penalised-iou",
    "boundary",
    "segments",
    "set-tiou",
    "wasserstein",
    "taro",
    "ra-rft",
    "museg-global",
    "museg-local",
    "timelens2-twass1",
    "timelens2-tiou",
    "timelens2-ngiou",
    "timelens2-precision",
)
BY_CENTRE = ("diou", "wasserstein", "timelens2-twass1")  # a window may grow and lie worse
FORMS = {
    "timelens": "The event happens in {:.2f} - {:.2f} seconds.",
    "timelens2": "[[{:.2f}, {:.2f}]]",
    "taro": "<answer>{:.2f}s to {:.2f}s</answer>",
    "museg": "<answer>{:.2f}-{:.2f}</answer>",
}
BOUNDS = {"museg": (-1, 2), "timelens2-length-ratio": (-320, 1)}  # of those that are not in [-1, 1]
ROOM = 1024.0  # seconds: windows lie on quarters of a second inside, so that text carries them exactly

quarter = st.integers(0, int(ROOM) * 4).map(lambda n: n / 4)
window = st.tuples(quarter, quarter).filter(lambda w: w[0] != w[1]).map(lambda w: (min(w), max(w)))


def answer(window: Window) -> str:
    return f"<answer>{window[0]:.2f} to {window[1]:.2f}</answer>"


def answer_for(name: str, window: Window) -> str:
    form = FORMS.get(name) or FORMS.get(name.partition("-")[0])
    return form.format(*window) if form else answer(window)


@given(text=st.text(max_size=200) | window.map(answer), truth=window)
def test_every_reward_is_a_number_in_its_bounds(text: str, truth: Window) -> None:
    for name, reward in REWARDS.items():
        low, high = BOUNDS.get(name, (-1, 1))
        assert low <= reward(text, Target((truth,), ROOM, saliency=(1.0, 2.0))) <= high, name
        assert low <= reward(text, Target((), ROOM)) <= high, name


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
    "[5, Infinity]",
    "[[0, 1e308], [1e300, 1.7e308]]",
    "<answer>5-inf 0-1e308</answer>",
    "<answer>nan-5</answer>",
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
    low, high = BOUNDS.get(name, (-1, 1))
    assert {case: value for case, value in earned.items() if not low <= value <= high} == {}


@given(said=window, truth=window)
def test_only_the_exact_interval_earns_one(said: Window, truth: Window) -> None:
    target = Target((truth,), ROOM)
    for name in ONE_MOMENT:
        assert REWARDS[name](answer_for(name, truth), target) == pytest.approx(1, abs=1e-5), name
        assert said == truth or REWARDS[name](answer_for(name, said), target) < 1, name


@given(ends=st.tuples(*[quarter] * 6))
def test_a_window_between_the_truth_and_a_worse_one_is_worth_no_less(ends: tuple[float, ...]) -> None:
    a, b, c, d, e, f = sorted(ends)
    assume(a < b < c < d < e < f)
    for name in (name for name in ONE_MOMENT if name not in BY_CENTRE):
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
        loose = 1e-4 if name.startswith("museg") else 1e-12  # it adds a millionth to every length
        assert slow == pytest.approx(reward(answer_for(name, said), Target((truth,), 4096.0)), abs=loose), name


def _times(window: Window, factor: float) -> Window:
    return window[0] * factor, window[1] * factor


@pytest.mark.parametrize(
    "name",
    [
        "tiou",
        "giou",
        "diou",
        "time-r1",
        "timelens",
        "soft-iou",
        "penalised-iou",
        "absence",
        "set-tiou",
        "wasserstein",
        "taro",
        "ra-rft",
        "museg-global",
        "museg-local",
        "timelens2-twass1",
        "timelens2-tgiou",
    ],
)
def test_where_nothing_happens_only_saying_so_is_paid(name: str) -> None:
    nothing = Target((), 60.0)
    refusal = "<answer>The event does not happen in this video.</answer>"
    assert REWARDS[name](refusal, nothing) == 1
    assert REWARDS[name](answer_for(name, (1.0, 2.0)), nothing) <= 0
    assert REWARDS[name](refusal, Target(((1.0, 2.0),), 60.0)) <= 0
