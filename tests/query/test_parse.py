"""Properties of reading that hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.query import describe, language_of, parse_query


@given(st.text(max_size=500))
def test_any_text_is_a_query(query: str) -> None:
    found = parse_query(query)
    assert found.event or found.relation or not query.strip()
    assert describe(found) or not query.strip()
    for anchor in found.anchors:
        assert parse_query(anchor)
    assert language_of(query) == language_of(query)


@pytest.mark.parametrize(
    "query", ["a man opens the fridge", "applause", "남자가 냉장고를 연다", "x" * 4_000, "", "???"]
)
def test_a_plain_query_stays_as_it_is(query: str) -> None:
    found = parse_query(query)
    assert found.plain and found.event == query and not found.unread
