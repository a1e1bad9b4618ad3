"""What is read of a text: many ways to write a time, and nothing that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.prediction import Prediction
from whenabouts.trust.steps import Step, cited, steps_of


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("The man appears at 12.5s.", [(12, 13, "The man appears")]),
        ("1:02 - a cat jumps", [(61.5, 62.5, "a cat jumps")]),
        ("He waves from 3 to 5 seconds.", [(3, 5, "He waves")]),
        ("At <timestamp>12.5</timestamp> a red ball rolls in", [(12, 13, "a red ball rolls in")]),
        ("<timestamp>3.0 - 5.0</timestamp> it stops", [(3, 5, "it stops")]),
        ("[3.0, 5.0] a dog runs", [(3, 5, "a dog runs")]),
        ("around the 30 second mark, a bell rings", [(29.5, 30.5, "a bell rings")]),
        ("At 00:01:02.5, he leaves the room", [(62, 63, "he leaves the room")]),
        ("Step 1: at 5 seconds, a person holds 2 cups", [(4.5, 5.5, "a person holds 2 cups")]),
        (
            "0.0 - 4.2 seconds, a woman walks in. 4.2 - 9.9 seconds, she sits down.",
            [(0, 4.2, "a woman walks in"), (4.2, 9.9, "she sits down")],
        ),
        ("2-3 people walk in 2024", []),
        ("The event happens from 3 to 5 seconds.", []),
        ("frames 3 to 9 show a bird", []),
        ("", []),
    ],
)
def test_times_and_what_is_said_of_them(text: str, steps: list[tuple[float, float, str]]) -> None:
    assert [(s.start, s.end, s.claim) for s in cited(text)] == steps


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert all(0 <= step.start < step.end and step.claim for step in cited(text))


def test_a_conclusion_is_no_step() -> None:
    said = "<think>From 3 to 5 seconds a dog barks.</think><answer>a cat sits from 3 to 5 seconds</answer>"
    assert steps_of(Prediction("a dog", (), 20.0, said=(said, said))) == (Step(3, 5, "a dog barks"),)


def test_a_step_after_the_end_of_the_video_is_left_out() -> None:
    assert steps_of(Prediction("a dog", (), 4.0, said=("From 5 to 6 seconds a dog barks.",))) == ()


def test_the_steps_of_a_trace() -> None:
    trace = (
        {"step": "shortlist", "event": "a dog", "regions": [[0, 9]]},
        {"step": "ground", "event": "a dog", "region": [0, 9], "moments": [[2, 4, 0.9], [7, 6, 0.1]]},
        {"step": "look", "said": '{"tool": "look", "start": 0, "end": 3, "question": "who runs"}'},
        {"step": "verify", "said": "At 8 s a cat sleeps.", "scores": [0.1]},
        {"step": "answer", "said": '{"tool": "answer", "moments": [[2, 4, 1]]}'},
        {"step": 3, "event": None, "moments": "many"},
    )
    assert steps_of(Prediction("a dog", (), 20.0, trace=trace)) == (
        Step(2, 4, "a dog"),
        Step(0, 3, "who runs"),
        Step(7.5, 8.5, "a cat sleeps"),
    )
