"""How the planner's answer is read, and what a query becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.systems.videomind.prompts import (
    ANSWERER,
    GROUNDER,
    PLANNER,
    VERIFIER,
    Plan,
    as_event,
    read_plan,
)


@pytest.mark.parametrize(
    ("answer", "plan"),
    [
        ('[{"type": "grounder", "value": "it rains"}, {"type": "verifier"}]', Plan("it rains")),
        ('{"type": "Grounder", "value": "it rains"}', Plan("it rains")),
        ('[{"type": "grounder", "value": ""}]', Plan("a dog")),
        ('[{"type": "answerer"}]', Plan(None)),
        ('[{"type": "verifier"}, {"type": "answerer"}]', Plan("a dog")),
        ('[{"type": "grounder"}]', Plan("a dog", understood=False)),
        ('Sure: [{"type": "answerer"}]', Plan("a dog", understood=False)),
        ("[]", Plan("a dog", understood=False)),
        ('["grounder"]', Plan("a dog", understood=False)),
        ('[{"type": 3}]', Plan("a dog", understood=False)),
        ("[" * 5000, Plan("a dog", understood=False)),
    ],
)
def test_the_first_step_decides(answer: str, plan: Plan) -> None:
    assert read_plan(answer, "a dog") == plan


@given(st.text())
def test_whatever_the_planner_says_there_is_a_plan(answer: str) -> None:
    assert read_plan(answer, "a dog").event in {None, "a dog"}


@given(st.text())
def test_prompts_hold_any_query(query: str) -> None:
    for role in (PLANNER, GROUNDER, VERIFIER, ANSWERER):
        assert query in role.prompt.format(query)
    event = as_event(query)
    assert event == event.strip() and "  " not in event and not event.endswith(".")
