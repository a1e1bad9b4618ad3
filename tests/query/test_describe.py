"""What a person is told about how their query was understood."""

from __future__ import annotations

import pytest

from whenabouts.query import describe, parse_query


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("a man opens the fridge", "a man opens the fridge"),
        ("the second time they mention the budget", "the 2nd time · said · the budget"),
        ("the 21st time she laughs", "the 21st time · she laughs"),
        ("the 12th time she laughs", "the 12th time · she laughs"),
        ("the last time she laughs", "the last time · she laughs"),
        ("the penultimate time she laughs", "the 2nd to last time · she laughs"),
        ("every time the budget is mentioned", "every time · said · the budget"),
        ("how many times does she laugh?", "how many times · she laughs"),
        ("when does she first admit a weakness", "the 1st time · said · admit · a weakness"),
        ("she apologises", "said · apologise"),
        ("before the break", "right before: the break"),
        ("she mentions the budget after the break", "said · the budget · after: the break"),
        ("she laughs between the break and the applause", "she laughs · between: the break and the applause"),
        ("what is her name", "her name · asks for a person"),
        ("nobody is on screen", "seen · not · nobody is on screen"),
        ('he says "welcome back"', "said · “welcome back”"),
        ("she mentions the budget twice", "said · the budget · not understood: “twice”"),
        ("예산이 언급될 때마다", "every time · said · 예산"),
    ],
)
def test_a_reading_is_told(query: str, told: str) -> None:
    assert describe(parse_query(query)) == told
