"""Our own reading of answers: what it finds, what it leaves, and that it invents nothing."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.rewards.parse import read


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("The event happens in 24.3 - 30.4 seconds.", [(24.3, 30.4)]),
        ("from 12.54 to 17.83", [(12.54, 17.83)]),
        ("between 12 and 17", [(12, 17)]),
        ("between 5 and 10 seconds, and 20 s – 30 s", [(5, 10), (20, 30)]),
        ("1:02:03.5 - 1:02:10", [(3723.5, 3730)]),
        ("It runs 75:30 to 76:00.", [(4530, 4560)]),
        ("00:01:02.500 --> 00:01:05,250", [(62.5, 65.25)]),
        ("1 min 20 s to 1 min 40 s", [(80, 100)]),
        ("1-2 minutes", [(60, 120)]),
        ("The event starts at 00:00:18 and ends at 00:00:23", [(18, 23)]),
        ("start: 5.0\nend: 10.0", [(5, 10)]),
        ("The start time is 0 seconds, and the end time is 12 seconds.", [(0, 12)]),
        ("<think>3.0 to 9.0</think><answer>12.54 to 17.83</answer>", [(12.54, 17.83)]),
        ("<think>3.0 to 9.0</think>\n4.5 to 5", [(4.5, 5)]),
        ("<answer>1 to 2</answer> no, <answer>3 to 4", [(3, 4)]),
        ("[5.0, 10.0]", [(5, 10)]),
        ("the moments are [5, 10] and [20, 30]", [(5, 10), (20, 30)]),
        ('[["0:10", "0:20"], [30, 40, 0.9]]', [(10, 20), (30, 40)]),
        ('```json\n{"segments": [{"start_time": 1, "end_time": 4.5}]}\n```', [(1, 4.5)]),
        ("Sure!\n```json\n[[1, 4.5], [10, 12]]\n```\nDone at 0:30 - 0:40.", [(1, 4.5), (10, 12)]),
        ('Here: ```\n[{"start": "0:10", "end": "0:12"}]\n```', [(10, 12)]),
        ("**[[12.5, 17.0]]** with confidence [0.3, 0.9]", [(12.5, 17)]),
        ("1.00-2.50 4.00-6.00", [(1, 2.5), (4, 6)]),
        ("```\n1 - 2\n3 - 4\n```", [(1, 2), (3, 4)]),
        ("[[x]] it is from 3 to 4 s", [(3, 4)]),
        ("5 - 10 and 5 - 10", [(5, 10)]),
        ("from second 5 to second 10", [(5, 10)]),
        ("from 5 seconds to around 10 seconds", [(5, 10)]),
        ("from the 5th second to the 10th second", [(5, 10)]),
        ("between the 5 and 10 second marks", [(5, 10)]),
        ("t=5 to t=10", [(5, 10)]),
        ("**Start:** 5.0 **End:** 10.0", [(5, 10)]),
        ("at 2:30 it happens in 5.0 - 10.0 seconds", [(5, 10)]),
        (" 3-5 people walk at 7.0-9.0 s", [(7, 9)]),
    ],
)
def test_intervals_are_found(text: str, windows: list[tuple[float, float]]) -> None:
    assert list(read(text).windows) == windows


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no idea",
        "at 2:30",
        "There are 2-3 people in the room",
        "recorded 2024-05-06",
        "version 1.2-1.3.4 of 7",
        "<think>from 1 to 2",
        "person 1 and 2 leave",
        '{"confidence": [0.5]}',
    ],
)
def test_nothing_is_invented(text: str) -> None:
    assert read(text).windows == ()


@pytest.mark.parametrize(
    "text",
    [
        "The event does not happen in this video.",
        "It isn't shown.",
        "There is no such event.",
        "[]",
        "[[]]",
        "{}",
        "```json\n[]\n```",
        '{"segments": [], "confidence": 0.9}',
        "None",
        "<think>1 to 2</think>I cannot find it.",
    ],
)
def test_absence_is_told(text: str) -> None:
    assert read(text).absent


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("30 - 10 seconds", "does not end after"),
        ("-5 - 10", "no video has"),
        ("7.0 to 7.0", "does not end after"),
        ("frames 10 to 20", "frame rate"),
        ("10% - 20%", "duration"),
    ],
)
def test_what_is_not_taken_is_noted(text: str, note: str) -> None:
    answer = read(text)
    assert answer.windows == () and not answer.absent
    assert note in answer.notes[0]


def test_percentages_and_frames_become_seconds_where_that_is_known() -> None:
    assert read("10% to 20%", duration=50).windows == ((5.0, 10.0),)
    assert read("from frame 30 to frame 60", fps=30).windows == ((1.0, 2.0),)


TIMES = st.floats(0, 1e5).map(lambda t: round(t, 2))


@given(
    st.lists(st.tuples(TIMES, TIMES).filter(lambda w: w[0] < w[1]), min_size=1, max_size=5, unique=True),
    st.sampled_from(
        ["{:.2f} - {:.2f}", "from {:.2f} to {:.2f} seconds", "between {:.2f} and {:.2f}", "[{:.2f}, {:.2f}]"]
    ),
)
def test_what_is_written_is_read(windows: list[tuple[float, float]], form: str) -> None:
    assert list(read("; ".join(form.format(*w) for w in windows)).windows) == windows
    assert list(read(json.dumps(windows)).windows) == windows


@given(st.text(st.sampled_from('0123456789.:-,[](){}"% stoandbewnfrmi\n<>/k'), max_size=60))
def test_every_interval_is_valid_and_its_numbers_are_in_the_text(text: str) -> None:
    answer = read(text)
    for start, end in answer.windows:
        assert 0 <= start < end
    if answer.windows:
        assert len(re.findall(r"\d+", text)) >= 2
