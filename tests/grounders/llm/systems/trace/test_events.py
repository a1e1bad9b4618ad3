"""TRACE's vocabularies of times and scores, and events read from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.systems.trace.events import Event, encode_event, encode_time, parse

V = 20


def tell(ids: list[int]) -> str:
    return "".join(chr(ord("a") + token) for token in ids)


def test_official_token_ids() -> None:
    """32000 + 1 + place in (sync, sep, 0-9, "."), and scores 13 further on."""
    assert encode_event([12.3, 45.0]) == [
        *(32003, 32003, 32004, 32005, 32013, 32006, 32002),
        *(32003, 32003, 32007, 32008, 32013, 32003, 32001),
        32014,
    ]
    assert encode_event([], [4.5]) == [32001, 32020, 32026, 32021, 32014]


@pytest.mark.parametrize(
    ("seconds", "official"),
    [(0.05, "0000.1"), (0.25, "0000.2"), (12.34999, "0012.3"), (9999.94, "9999.9"), (62.5625, "0062.6")],
)
def test_times_are_rounded_as_officially(seconds: float, official: str) -> None:
    """`time_encoder.py: TimeTower.encode`."""
    assert encode_time(seconds) == ["..0123456789.".index(sign, 2) for sign in official]


@given(st.lists(st.integers(0, 99999), max_size=4), st.lists(st.integers(0, 99), max_size=3))
def test_what_is_encoded_is_parsed_back(times: list[int], scores: list[int]) -> None:
    ids = [*encode_event([t / 10 for t in times], [s / 10 for s in scores], vocabulary=V), 1, 2, V]
    assert parse(ids, tell, vocabulary=V) == [Event(tuple(t / 10 for t in times), tuple(s / 10 for s in scores), "bc")]


@given(st.lists(st.integers(0, V + 26)))
def test_any_tokens_are_read(ids: list[int]) -> None:
    assert len(parse(ids, tell, vocabulary=V)) >= ids.count(V)


def test_times_that_six_characters_cannot_tell_are_refused() -> None:
    for seconds in (10000.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=r"from 0 to 9999\.9"):
            encode_event([seconds])


def test_an_event_with_exactly_two_times_has_a_span() -> None:
    events = [
        parse([*encode_event(times, vocabulary=V), 0, V], tell, vocabulary=V) for times in ([1], [4, 5.5], [1] * 3)
    ]
    assert [event.span for [event] in events] == [None, (4.0, 5.5), None]


def test_an_event_counts_once_its_words_have_begun() -> None:
    """As in `eval/reformat_tvg.py`, which pairs times with words."""
    whole = encode_event([1.0, 2.0], [4.5], vocabulary=V)
    assert parse(whole, tell, vocabulary=V) == []
    assert parse([*whole, 0], tell, vocabulary=V) == [Event((1.0, 2.0), (4.5,), "a")]
    assert parse([*whole, V], tell, vocabulary=V) == [Event((1.0, 2.0), (4.5,), "")]


def test_digits_without_sense_are_left_out() -> None:
    dot, one = V + 1 + 12, V + 1 + 3
    assert parse([one, dot, one, dot, 0], tell, vocabulary=V) == [Event((), (), "a")]
    assert parse([], tell, vocabulary=V) == []


def test_events_in_words() -> None:
    assert str(Event((1.0, 2.5), (4.5,), "a dog runs")) == "1 - 2.5 (4.5): a dog runs"
    assert str(Event((1.0,), (), "rain")) == "1: rain"
