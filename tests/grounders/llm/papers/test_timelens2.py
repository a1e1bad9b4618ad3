"""TimeLens2: JSON sets and nothing else, and rewards that stay numbers where the official ones do not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.papers import PAPERS, REWARDS
from whenabouts.grounders.llm.papers.timelens2 import parse_penalty, read_json
from whenabouts.rewards.target import Target

TARGET = Target(((2.0, 7.5), (10.0, 12.0)), 30.0)
NAMES = [name for name in PAPERS["timelens2"].rewards if name != "timelens2-parse-penalty"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-5, 40) | st.sampled_from(["1", " 2.5 ", "x", "-1e1"]),
    lambda inner: st.lists(inner, max_size=4),
)


@pytest.mark.parametrize(
    "text",
    [
        "The event happens in 2.0 - 7.5 seconds.",
        "[[7.5, 2.0], [3, 3]]",
        "[[1, 2]",
        "",
        "[[" * 5000,
        f"[[1, {10**400}]]",
        f"[[1, {'9' * 5000}]]",
    ],
)
def test_what_is_no_set_of_intervals_is_penalised_and_earns_nothing(text: str) -> None:
    assert parse_penalty(text, TARGET) == -1
    assert [REWARDS[name](text, TARGET) for name in NAMES] == [0.0] * len(NAMES)


@pytest.mark.parametrize("text", ["[2, Infinity]", "[[2, 1e308]]"])
def test_endless_intervals_are_never_exact(text: str) -> None:
    """The official tgiou is 1 for the first and r2twass 1 for the second."""
    assert all(math.isfinite(REWARDS[name](text, TARGET)) and REWARDS[name](text, TARGET) <= 0.5 for name in NAMES)


@given(JSON)
def test_any_json_is_read_without_failing(value: object) -> None:
    import json

    for text in (json.dumps(value), f"so:\n```json\n{json.dumps([value, value])}\n```"):
        assert all(len(pair) == 2 and not pair[0] > pair[1] for pair in read_json(text))
        assert all(math.isfinite(REWARDS[name](text, TARGET)) for name in NAMES)


def test_the_recipe_pays_most_for_the_whole_set() -> None:
    recipe = PAPERS["timelens2"].recipes[0]
    assert recipe.truth(TARGET) == "[[2.0, 7.5], [10.0, 12.0]]"
    assert recipe.question(" A man\n sits. ").count('"A man sits"') == 1

    def total(text: str) -> float:
        return sum(term.value(text, TARGET) for term in recipe.terms)  # type: ignore[attr-defined]

    half, hedge, nothing = total("[[2.0, 7.5]]"), total("[[0, 30]]"), total("none")
    assert total(recipe.truth(TARGET)) == 2 > half > hedge > nothing == -1
