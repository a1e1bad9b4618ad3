"""Ordinals and relations in queries, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.query import Asked, asked


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("a man opens the fridge", Asked("a man opens the fridge")),
        (
            "the first time the interviewee admits a weakness",
            Asked("the interviewee admits a weakness", 1),
        ),
        ("The last time that she laughs.", Asked("she laughs", -1)),
        ("the third scene with a red car", Asked("a red car", 3)),
        ("the 12th time he scores", Asked("he scores", 12)),
        ("he scores for the second time", Asked("he scores", 2)),
        ("every time a dog barks", Asked("a dog barks", 0)),
        ("all moments when the crowd cheers", Asked("the crowd cheers", 0)),
        ("a player falls after the goal is scored", Asked("a player falls", None, "after", ("the goal is scored",))),
        ("after the goal is scored, a player falls", Asked("a player falls", None, "after", ("the goal is scored",))),
        ("she waves right before the train leaves", Asked("she waves", None, "before", ("the train leaves",))),
        ("he sings while she dances", Asked("he sings", None, "while", ("she dances",))),
        (
            "a dog runs between the speech begins and the band plays",
            Asked("a dog runs", None, "between", ("the speech begins", "the band plays")),
        ),
        ("the first time she laughs after the joke ends", Asked("she laughs", 1, "after", ("the joke ends",))),
        ("a nurse looks after a child", Asked("a nurse looks after a child")),
        ("the day after tomorrow", Asked("the day after tomorrow")),
        ("the first floor of a house", Asked("the first floor of a house")),
        ("the second man enters", Asked("the second man enters")),
        ("a boy sits between two girls", Asked("a boy sits between two girls")),
    ],
)
def test_queries_are_taken_apart(query: str, wanted: Asked) -> None:
    assert asked(query) == wanted


@given(st.text(max_size=500))
def test_anything_can_be_asked(query: str) -> None:
    found = asked(query)
    assert not found.plain or found.event == query
