"""Order is turned around only where it is sure who does what; many sentences are those that once went wrong."""

from __future__ import annotations

import pytest

from whenabouts.trust.negatives.order import reordered


@pytest.mark.parametrize(
    ("query", "turned"),
    [
        ("A man sits down and then opens a book.", "A man opens a book then sits down."),
        ("He ties the calf, then dismounts.", "He dismounts then ties the calf."),
        ("she waves before she leaves", "she waves after she leaves"),
        ("A man claps after performing a high jump.", "A man claps before performing a high jump."),
    ],
)
def test_two_things_of_one_subject_are_turned_around(query: str, turned: str) -> None:
    assert reordered(query) == turned


@pytest.mark.parametrize(
    "query",
    [
        "One man is then seen putting a tattoo on her hand while the other helps.",
        "A man and a woman are standing in a kitchen, and then also letting her try to sharpen the knives.",
        "She slows to a graceful finish, then the screen goes black.",
        "A woman in dark dress takes some pictures then cup up the wrapping paper.",
        "A young girl is seen standing before a counter peeling potatoes with a peeler.",
        "A girl stands before a counter",
        "A girl walks before a counter",
        "a boy runs and then runs",
        "a boy runs and then runs away",
        "Another boy is then shown wearing boxing gloves and he makes several punches and kicks.",
        "The man throws the ball and it go close to the gutter then knocks all the pins down.",
        "The woman jumps down and then continues jumping around.",
        "A man sits on a chair, then he stands and slide in the water.",
        "the man sits, then the dog jumps.",
        "She paints pink flowers, then people clap.",
        "A man eats before the meeting",
        "He eats then",
        "then he eats",
        "a man runs",
        "before leaving",
        "",
    ],
)
def test_what_is_not_sure_is_left(query: str) -> None:
    assert reordered(query) is None
