"""Queries in English, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    ("a man opens the fridge", {}),
    (
        "the first time the interviewee admits a weakness",
        {
            "event": "the interviewee admits a weakness",
            "which": 1,
            "words": "a weakness",
            "kind": "said",
            "act": "admit",
        },
    ),
    ("The last time that she laughs.", {"event": "she laughs", "which": -1}),
    ("the third scene with a red car", {"event": "a red car", "which": 3}),
    ("the 12th time he scores", {"event": "he scores", "which": 12}),
    ("he scores for the second time", {"event": "he scores", "which": 2}),
    ("every time a dog barks", {"event": "a dog barks", "which": 0}),
    ("all moments when the crowd cheers", {"event": "the crowd cheers", "which": 0}),
    (
        "a player falls after the goal is scored",
        {"event": "a player falls", "relation": "after", "anchors": ("the goal is scored",)},
    ),
    (
        "after the goal is scored, a player falls",
        {"event": "a player falls", "relation": "after", "anchors": ("the goal is scored",)},
    ),
    (
        "she waves right before the train leaves",
        {"event": "she waves", "relation": "right before", "anchors": ("the train leaves",)},
    ),
    ("he sings while she dances", {"event": "he sings", "relation": "while", "anchors": ("she dances",)}),
    (
        "a dog runs between the speech begins and the band plays",
        {"event": "a dog runs", "relation": "between", "anchors": ("the speech begins", "the band plays")},
    ),
    (
        "the first time she laughs after the joke ends",
        {"event": "she laughs", "which": 1, "relation": "after", "anchors": ("the joke ends",)},
    ),
    ("a nurse looks after a child", {}),
    ("the day after tomorrow", {}),
    ("the first floor of a house", {}),
    ("the second man enters", {}),
    ("a boy sits between two girls", {}),
    (
        "the second mention of the budget",
        {"event": "mention of the budget", "which": 2, "words": "the budget", "kind": "said"},
    ),
    (
        "the last time she laughs before the break",
        {"event": "she laughs", "which": -1, "relation": "before", "anchors": ("the break",)},
    ),
    ("after the applause", {"event": "", "relation": "after", "anchors": ("the applause",)}),
    (
        "she mentions the budget right after the break",
        {
            "event": "she mentions the budget",
            "relation": "right after",
            "anchors": ("the break",),
            "words": "the budget",
            "kind": "said",
        },
    ),
    (
        "between the break and the applause",
        {"event": "", "relation": "between", "anchors": ("the break", "the applause")},
    ),
    (
        "she laughs between the break and the applause",
        {"event": "she laughs", "relation": "between", "anchors": ("the break", "the applause")},
    ),
    (
        "after the break she mentions the budget",
        {
            "event": "she mentions the budget",
            "relation": "after",
            "anchors": ("the break",),
            "words": "the budget",
            "kind": "said",
        },
    ),
    ("what happens right before the break", {"event": "", "relation": "right before", "anchors": ("the break",)}),
    ("the day before yesterday", {}),
    ("a boy is named after his father", {}),
    ("a dog runs after the ball", {}),
    ("nobody is on screen", {"kind": "seen", "negated": True}),
    ("she no longer speaks", {"negated": True}),
    ("she says she never met him", {"words": "she never met him", "kind": "said"}),
    ("she admits that she could not swim", {"words": "she could not swim", "kind": "said", "act": "admit"}),
    ("she does not mention the budget", {"words": "the budget", "kind": "said", "negated": True}),
    ("when was she born", {"words": "she was born", "asks": "time"}),
    ("in which year did the tunnel open", {"words": "the tunnel open", "asks": "time"}),
    (
        "where does she talk about her mother",
        {"event": "she talks about her mother", "words": "her mother", "kind": "said"},
    ),
    ("where was she born", {"words": "she was born", "asks": "place"}),
    ("when does she apologise?", {"event": "she apologises", "kind": "said", "act": "apologise"}),
    (
        "how often does she thank the interviewer",
        {"event": "she thanks the interviewer", "which": 0, "words": "the interviewer", "act": "thank", "count": True},
    ),
    ("how many people died", {"words": "people died", "asks": "number"}),
    ("how much did the tunnel cost", {"words": "the tunnel cost", "asks": "number"}),
    ("how long was she in prison", {"words": "she was in prison", "asks": "number"}),
    ("why did she leave the company", {"words": "she leaves the company", "asks": "reason"}),
    ("who built the tunnel", {"words": "built the tunnel", "asks": "person"}),
    ("who mentions the budget", {"event": "mentions the budget", "words": "the budget", "kind": "said"}),
    (
        "what does she say about her mother",
        {"event": "she says about her mother", "words": "her mother", "kind": "said"},
    ),
    ("an admission of guilt", {"words": "guilt", "kind": "said", "act": "admit"}),
    ("she takes back what she said", {"words": "what she said", "kind": "said", "act": "correct"}),
    ("she takes her words back", {"words": "her words", "kind": "said", "act": "correct"}),
    ("she says sorry", {"kind": "said", "act": "apologise"}),
    ("she says goodbye to the audience", {"words": "the audience", "act": "farewell"}),
    ("the host welcomes the guests", {"words": "the guests", "act": "greet"}),
    ('he says "welcome back"', {"words": "welcome back", "kind": "said", "quoted": True}),
    ("we hear applause", {"words": "applause", "kind": "heard"}),
    ("a phone is heard", {"words": "a phone", "kind": "heard"}),
    ("the sound of rain", {"words": "rain", "kind": "heard"}),
    ("we see a red car", {"words": "a red car", "kind": "seen"}),
    ("a red car is visible", {"words": "a red car", "kind": "seen"}),
    ("the sign says exit", {"words": "exit", "kind": "written", "quoted": True}),
    ("on the slide it says Results", {"words": "Results", "kind": "written", "quoted": True}),
    ("the budget is shown on screen", {"words": "the budget", "kind": "written", "quoted": True}),
    (
        "a man is seen speaking to the camera while holding a bottle",
        {
            "event": "a man is seen speaking to the camera",
            "relation": "while",
            "anchors": ("holding a bottle",),
            "kind": "seen",
        },
    ),
    ("the second to last time she laughs", {"event": "she laughs", "which": -2}),
    ("the penultimate time she laughs", {"event": "she laughs", "which": -2}),
    ("the first three times she laughs", {"event": "she laughs", "unread": ("the first three times",)}),
    ("she mentions the budget twice", {"words": "the budget", "kind": "said", "unread": ("twice",)}),
    (
        "she waves ten seconds after the goal",
        {"event": "she waves", "relation": "after", "anchors": ("the goal",), "unread": ("ten seconds",)},
    ),
    ("she laughs in the first half of the interview", {"unread": ("in the first half of the interview",)}),
    ("the longest laugh", {"unread": ("the longest",)}),
    (
        "after she first admits a weakness",
        {"event": "", "relation": "after", "anchors": ("she first admits a weakness",)},
    ),
    ("the first man to leave", {}),
    ("the second world war", {}),
    ("the first floor", {}),
    ("a man opens the first door", {}),
    (
        'the first time someone says "hello" after he says "goodbye"',
        {
            "event": 'someone says "hello"',
            "which": 1,
            "relation": "after",
            "anchors": ('he says "goodbye"',),
            "words": "hello",
            "kind": "said",
            "quoted": True,
        },
    ),
    ("she talks about her life before the war", {"words": "her life before the war", "kind": "said"}),
    ("he waves until the train leaves", {"event": "he waves", "relation": "until", "anchors": ("the train leaves",)}),
    ("as the band plays, she dances", {"event": "she dances", "relation": "while", "anchors": ("the band plays",)}),
    ("she dances as he sings", {"event": "she dances", "relation": "while", "anchors": ("he sings",)}),
    (
        "all mentions of the budget",
        {"event": "mentions of the budget", "which": 0, "words": "the budget", "kind": "said"},
    ),
    ("whenever she laughs", {"event": "she laughs", "which": 0}),
    ("each time the ball is hit", {"event": "the ball is hit", "which": 0}),
    (
        "she admits a weakness for the last time",
        {"event": "she admits a weakness", "which": -1, "words": "a weakness", "kind": "said", "act": "admit"},
    ),
    ("the last question", {"event": "question", "which": -1, "kind": "said", "act": "ask"}),
    (
        "when is the budget first mentioned",
        {"event": "the budget is mentioned", "which": 1, "words": "the budget", "kind": "said"},
    ),
    (
        "how many questions does she answer",
        {"event": "she answer questions", "which": 0, "words": "questions", "kind": "said", "count": True},
    ),
    ("find the moment when she laughs", {"event": "she laughs"}),
    ("the 3rd time he scores", {"event": "he scores", "which": 3}),
    ("she says nothing", {"kind": "said", "negated": True}),
    (
        "does she ever mention the budget",
        {"event": "she ever mention the budget", "words": "the budget", "kind": "said"},
    ),
    ("she is asked about her mother", {"words": "her mother", "kind": "said", "act": "ask"}),
    ("there is no one on stage", {"negated": True}),
    ("what is the name of her dog", {"words": "the name of her dog", "asks": "person"}),
    ("a man without a hat walks in", {}),
    (
        "she talks about the budget before the break and after the applause",
        {
            "event": "she talks about the budget",
            "relation": "before",
            "anchors": ("the break",),
            "words": "the budget",
            "kind": "said",
            "unread": ("after the applause",),
        },
    ),
    (
        "when she first says that she is afraid",
        {"event": "she says that she is afraid", "which": 1, "words": "she is afraid", "kind": "said"},
    ),
    ("she promises never to return", {"words": "never to return", "kind": "said", "act": "promise"}),
    ("the budget is not mentioned", {"words": "the budget", "kind": "said", "negated": True}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"en", None} and told.count("en") >= 0.9 * len(told)
