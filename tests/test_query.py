"""Ordinals and relations in queries, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.query import ParsedQuery, parse_query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a man opens the fridge", ParsedQuery("a man opens the fridge")),
        (
            "the first time the interviewee admits a weakness",
            ParsedQuery("the interviewee admits a weakness", 1),
        ),
        ("The last time that she laughs.", ParsedQuery("she laughs", -1)),
        ("the third scene with a red car", ParsedQuery("a red car", 3)),
        ("the 12th time he scores", ParsedQuery("he scores", 12)),
        ("he scores for the second time", ParsedQuery("he scores", 2)),
        ("every time a dog barks", ParsedQuery("a dog barks", 0)),
        ("all moments when the crowd cheers", ParsedQuery("the crowd cheers", 0)),
        (
            "a player falls after the goal is scored",
            ParsedQuery("a player falls", None, "after", ("the goal is scored",)),
        ),
        (
            "after the goal is scored, a player falls",
            ParsedQuery("a player falls", None, "after", ("the goal is scored",)),
        ),
        ("she waves right before the train leaves", ParsedQuery("she waves", None, "before", ("the train leaves",))),
        ("he sings while she dances", ParsedQuery("he sings", None, "while", ("she dances",))),
        (
            "a dog runs between the speech begins and the band plays",
            ParsedQuery("a dog runs", None, "between", ("the speech begins", "the band plays")),
        ),
        ("the first time she laughs after the joke ends", ParsedQuery("she laughs", 1, "after", ("the joke ends",))),
        ("a nurse looks after a child", ParsedQuery("a nurse looks after a child")),
        ("the day after tomorrow", ParsedQuery("the day after tomorrow")),
        ("the first floor of a house", ParsedQuery("the first floor of a house")),
        ("the second man enters", ParsedQuery("the second man enters")),
        ("a boy sits between two girls", ParsedQuery("a boy sits between two girls")),
    ],
)
def test_queries_are_taken_apart(query: str, expected: ParsedQuery) -> None:
    assert parse_query(query) == expected


@given(st.text(max_size=500))
def test_any_text_is_a_query(query: str) -> None:
    found = parse_query(query)
    assert not found.plain or found.event == query
