"""How many frames are shown after refusals, whatever a server says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.limit import Limit


@given(st.integers(2, 5000), st.integers(0, 5000), st.booleans())
def test_what_is_taken_is_found_in_few_steps(shown: int, taken: int, said: bool) -> None:
    limit, count, tries = Limit(), shown, 0
    while count > taken:
        limit.refuse(count, taken if said else None)
        count, tries = limit.most or 0, tries + 1
    assert tries <= (1 if said else shown.bit_length())
    if tries:
        sentence = "the server takes at most" if limit.known else "the server refused"
        assert limit.told(count).startswith(sentence) and limit.known == (said and taken < shown)


@pytest.mark.parametrize("lie", [lambda count: count, lambda count: count - 1, lambda count: count - 2])
def test_no_server_can_make_the_steps_small(lie: Callable[[int], int]) -> None:
    limit, count, tries = Limit(), 300, 0
    while count:
        limit.refuse(count, lie(count))
        count, tries = limit.most or 0, tries + 1
    assert tries <= 11
