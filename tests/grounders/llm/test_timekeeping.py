"""Judging by two answers whether a model keeps time, on a video of 26 s with an event from 8 to 14 s."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.timekeeping import Judgement, judge, length_of


def judged(length: str, moment: str, fps: float = 2.0) -> Judgement:
    return judge(length, moment, seconds=26.0, event=(8.0, 14.0), fps=fps)


@pytest.mark.parametrize(
    ("length", "moment", "verdict", "scale"),
    [
        # the truth, in every form
        ("26 seconds", "From 8.0 to 14.0 seconds.", "right", None),
        ("<think>52 frames at 2 fps</think>About 25.5 seconds.", "<answer>8.21 to 13.9</answer>", "right", None),
        ("0:26", "[[8.0, 14.0]]", "right", None),
        ("The video is 26 s long (52 frames).", "The event happens in 00:08 - 00:14", "right", None),
        ("26", "It is there from 31% to 54% of the video.", "right", None),
        ("26 seconds", "The circle appears at 8 seconds and disappears at 14 seconds.", "right", None),
        # the truth in a form that is not read elsewhere, or among other times
        ("twenty-six seconds", "From eight to fourteen seconds.", "uncertain", None),
        ("26000 ms", "8000 ms to 14000 ms", "uncertain", None),
        ("26 s", "8000 - 14000 milliseconds", "uncertain", None),
        ("26 seconds", "8 - 14 and 0 - 8 and 14 - 26", "uncertain", None),
        ("26 seconds", "[[8, 14], [0, 26]]", "uncertain", None),
        # frames counted as seconds, with and without saying so; two are shown per second
        ("52", "16.0 to 28.0 seconds", "scaled", 2.0),
        ("fifty-two", "from sixteen to twenty-eight seconds", "scaled", 2.0),
        ("52 frames", "16.0 to 28.0 seconds", "frames", 2.0),
        ("52 frames", "frames 16 to 28", "frames", 2.0),
        ("26 seconds", "frames 16 to 28", "frames", 2.0),
        ("I do not know.", "16.0 to 28.0 seconds", "scaled", 2.0),
        ("26 seconds", "16.0 to 28.0 seconds", "scaled", 2.0),
        # frames taken for 24, 25 or 30 a second
        ("2.2 seconds", "0.67 to 1.17 seconds", "scaled", 2 / 24),
        ("2.1 s", "0.64 - 1.12 s", "scaled", 2 / 24),
        ("2 seconds", "I cannot tell.", "scaled", 2 / 24),
        # frames of a video of 24 a second
        ("624", "192.0 to 336.0", "scaled", 24.0),
        # any other factor, if all agrees
        ("13 seconds", "4.0 to 7.0 seconds", "scaled", 0.5),
        ("78 s", "24.0 to 42.0 s", "scaled", 3.0),
        # one of the two
        ("26 seconds", "From 1.0 to 2.0 seconds.", "uncertain", None),
        ("90 seconds", "From 8.0 to 14.0 seconds.", "uncertain", None),
        ("26 seconds", "I cannot see any circle.", "uncertain", None),
        # none
        ("I'm sorry, I can't help with that.", "I cannot help with that.", "refuses", None),
        ("", "", "refuses", None),
        ("Bananas are yellow.", "The quick brown fox jumps over the lazy dog.", "nonsense", None),
        ("7 bananas", "From 20.0 to 25.0 seconds.", "nonsense", None),
        ("1000000 seconds", "100.0 to 101.0 seconds", "nonsense", None),
    ],
)
def test_each_mistake_is_told_from_the_others(length: str, moment: str, verdict: str, scale: float | None) -> None:
    found = judged(length, moment)
    assert (found.verdict, found.scale) == (verdict, pytest.approx(scale) if scale else None), found.sentence
    assert found.keeps_time == {"right": True, "uncertain": None, "refuses": None}.get(verdict, False)


def test_what_is_not_right_is_told_plainly() -> None:
    assert "words or milliseconds" in judged("26000 ms", "8000 ms to 14000 ms").sentence
    assert judged("26 s", "[[8, 14], [0, 26]]").sentence.startswith("it names other times beside the true ones")


def test_few_frames_are_counted_too() -> None:
    found = judged("8", "2.5 to 4.3 seconds", fps=8 / 26)
    assert found.verdict == "scaled" and found.sentence.startswith("it takes frames for one second apart")


@given(st.floats(0.92, 1.08), st.floats(-1, 1), st.floats(-1, 1))
def test_a_truth_that_is_a_little_off_is_right(factor: float, start: float, end: float) -> None:
    assert judged(f"{26 * factor:.3f} s", f"{8 + start:.2f} to {14 + end:.2f} seconds").verdict == "right"


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_answered_is_judged(length: str, moment: str) -> None:
    assert judged(length, moment).sentence and "\n" not in judged(length, moment).sentence


def test_lengths_are_read_in_every_form() -> None:
    said = {"26": (26, ""), "26.5s": (26.5, "s"), "1:05": (65, "s"), "1:02:05": (3725, "s"), "2 minutes": (120, "s")}
    assert {text: length_of(text) for text in said} == said
