from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence.phrasing import Phrasing, parse_phrasing


@pytest.mark.parametrize(
    ("query", "text", "kind", "quoted"),
    [
        ("he says 'welcome back'", "welcome back", "said", True),
        ("She's shouting \"it's fine!\"", "it's fine!", "said", True),
        ("someone mentions the budget", "the budget", "said", False),
        ("the teacher explains that heat rises", "heat rises", "said", False),
        ("a woman is talking about climate change", "climate change", "said", False),
        ("the title card reads INTRODUCTION", "INTRODUCTION", "written", True),
        ("a sign that says exit", "exit", "written", True),
        ("the words THE END appear on screen", "THE END", "written", True),
        ("the words “The End”", "The End", None, True),
        ("a slide titled Results", "Results", "written", True),
    ],
)
def test_frames_of_speech_are_taken_off(query: str, text: str, kind: str, quoted: bool) -> None:
    assert parse_phrasing(query) == Phrasing(text, kind, quoted)


@pytest.mark.parametrize(
    "query",
    [
        "a man opens the fridge",
        "person reads a book",
        "a man shows a card trick",
        "a band sings a song",
        "the dogs' bowl",
    ],
)
def test_what_is_seen_is_wanted_as_it_is(query: str) -> None:
    assert parse_phrasing(query) == Phrasing(query)


@given(st.text(max_size=200))
def test_any_query_leaves_something_to_look_for(query: str) -> None:
    assert bool(parse_phrasing(query).text) == bool(query.split())
