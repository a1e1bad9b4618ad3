"""Answers in many forms are understood, and nothing makes the reading of one fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.reader.answers import Claim, claims

BEES = [Claim((3, 4), "bees and clocks")]
PLACE = '[{"lines": [3, 4], "quote": "bees and clocks"}]'


@pytest.mark.parametrize(
    "said",
    [
        f'{{"1": {PLACE}, "2": []}}',
        f'Here is what I found:\n```json\n{{"1": {PLACE}, "2": null}}\n```\nAnything else?',
        f'<think>Line [3] … {{"1": [{{"lines": [9]}}]}}</think>{{"1": {PLACE}, "2": []}}',
        f'The template opened the thought. </think>\n{{"query 1": {PLACE}, "Q2": []}}',
        f'Lines [3] and {{so on}}: {{"answers": {{"1": {PLACE}, "2": []}}}}',
        '{"1": {"line": "3-4", "quote": "bees and clocks"}, "2": {}}',
        '{"1": [{"lines": ["[3]", "4"], "quote": "bees and clocks"}], "2": [{"lines": [], "quote": ""}]}',
        '{"answers": [{"query": 1, "lines": [3, 4], "quote": "bees and clocks"}]}',
    ],
)
def test_forms_of_one_answer(said: str) -> None:
    assert claims(said, 2) == {1: BEES, 2: []}


@pytest.mark.parametrize("said", [PLACE, PLACE[1:-1], f'{{"places": {PLACE}}}', f'{{"1": {PLACE}}}'])
def test_one_query_needs_no_number(said: str) -> None:
    assert claims(said, 1) == {1: BEES}


def test_an_answer_that_is_cut_off_counts_up_to_the_query_that_it_was_about() -> None:
    whole = f'{{"1": {PLACE}, "2": {PLACE}}}'
    found = [claims(whole[:end], 2) for end in range(1, len(whole))]
    assert {} in found and {1: BEES} in found and all(each in ({}, {1: BEES}) for each in found)


@pytest.mark.parametrize("said", ["", "I cannot help with that.", "[]", "{}", "[1, 2]", '{"a": 1}', "{" * 60, "null"])
def test_what_is_no_answer_answers_nothing(said: str) -> None:
    assert claims(said, 2) == {}


def test_a_query_that_was_not_asked_is_not_answered() -> None:
    assert claims(f'{{"0": {PLACE}, "3": {PLACE}, "2": []}}', 2) == {2: []}


def test_what_is_no_place_is_a_claim_that_no_check_lets_pass() -> None:
    assert claims('{"1": [3, "at 12:40", {"quote": "x"}]}', 1) == {1: [Claim((), "")] * 3}


@pytest.mark.parametrize("value", [True, -1, 0, 1.5, None, 10**12, {"a": 1}, [[3]], "none", "9-2", "1-900"])
def test_what_is_no_number_of_a_line_gives_none(value: Any) -> None:
    for line in (value, [value]):
        [found] = claims(json.dumps({"1": [{"lines": line, "quote": "x"}]}), 1)[1] or [Claim((), "")]
        assert found.numbers == ()


HUGE = {
    "open brackets": "[" * 90_000,
    "nested objects": '{"1":' * 20_000,
    "one number": '{"1": [' + "9" * 90_000 + "]}",
    "many places": '{"1": [' + "1," * 60_000,
    "many objects": "{}" * 60_000,
    "many lines": '{"1": [{"lines": [' + "1," * 30_000 + '2], "quote": "' + "x" * 90_000,
}


@pytest.mark.parametrize("said", HUGE.values(), ids=HUGE)
def test_huge_answers_are_read_in_bounded_work(said: str) -> None:
    assert all(len(found) <= 200 for found in claims(said, 2).values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["1", "2", "lines", "line", "quote", "query", "x"]), inner, max_size=4)
    ),
)


@given(JSON, st.integers(0, 200), st.integers(1, 3), st.text(max_size=10))
def test_any_json_and_any_text_is_read_without_a_fault(value: Any, end: int, queries: int, text: str) -> None:
    said = json.dumps(value)
    for each in (said, said[:end], text + said + text, text):
        for number, found in claims(each, queries).items():
            assert 1 <= number <= queries
            assert all(isinstance(claim.quote, str) and all(0 <= n < 10**9 for n in claim.numbers) for claim in found)
