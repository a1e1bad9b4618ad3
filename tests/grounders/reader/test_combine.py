"""One score of retrieval and reader: agreement is best, and the reader alone is bounded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_server import lines

from whenabouts.evidence.retrieve import Match
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.reader import ReaderAnswer, Reading, combined
from whenabouts.grounders.reader.combine import NAMED

TALK = lines([f"line {i}" for i in range(8)])


def match(i: int, p: float) -> Match:
    return Match(TALK[i].start, TALK[i].end, (TALK[i],), p)


def reading(*indices: int) -> Reading:
    return Reading(tuple(TALK[i] for i in indices), "line")


def scores(matches: list[Match], answer: ReaderAnswer) -> dict[int, float]:
    return {TALK.index(each.lines[0]): each.probability for each in combined(matches, answer)}


def test_agreement_rises_silence_lowers_a_little_and_the_reader_alone_is_in_the_middle() -> None:
    found = scores([match(0, 0.6), match(1, 0.6)], ReaderAnswer((reading(0), reading(5))))
    assert found[0] > 0.6 > found[1] > found[5] == NAMED > 0.3 and list(found) == [0, 1, 5]


def test_what_was_not_read_keeps_its_score() -> None:
    answer = ReaderAnswer((), unread=(TALK[1],))
    assert scores([match(0, 0.6), match(1, 0.6)], answer) == {1: 0.6, 0: pytest.approx(0.51)}


def test_a_reader_that_read_everything_and_found_nothing_lowers_presence() -> None:
    [best, _] = combined([match(0, 0.45), match(1, 0.2)], ReaderAnswer())
    assert best.probability < 0.3, "a doubtful line is then told as absent"
    [sure] = combined([match(0, 0.95)], ReaderAnswer())
    assert sure.probability > 0.5, "and one that is quoted literally is not"


def test_another_kind_of_words_at_the_same_time_is_no_agreement() -> None:
    written = TimedText(TALK[0].start, TALK[0].end, "a title", "written", "ocr")
    [alone, title] = combined([Match(written.start, written.end, (written,), 0.4)], ReaderAnswer((reading(0),)))
    assert alone.lines == (TALK[0],) and alone.probability == NAMED and title.probability < 0.4


def test_neighbouring_lines_that_only_the_reader_names_are_one_match() -> None:
    [found] = combined([], ReaderAnswer((reading(2, 3),)))
    assert (found.start, found.end, found.lines) == (TALK[2].start, TALK[3].end, (TALK[2], TALK[3]))


PROBABILITIES = st.lists(st.floats(0, 1), min_size=8, max_size=8)


@given(PROBABILITIES, st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_scores_stay_probabilities_in_retrievals_order(given: list[float], named: set[int], unread: set[int]) -> None:
    matches = [match(i, p) for i, p in enumerate(given)]
    answer = ReaderAnswer(tuple(reading(i) for i in sorted(named)), tuple(TALK[i] for i in unread))
    found = scores(matches, answer)
    ordered = list(found.values())
    assert ordered == sorted(ordered, reverse=True) and len(found) == 8
    for i, p in enumerate(given):
        assert 0 <= found[i] <= 1
        if i in named:
            assert found[i] >= max(p, NAMED)
        else:
            assert 0.6 * p - 1e-9 <= found[i] <= p
    for group in (named, set(range(8)) - named - unread):
        ranked = sorted(group, key=lambda i: given[i])
        assert all(found[a] <= found[b] + 1e-12 for a, b in pairwise(ranked))


@given(st.sets(st.integers(0, 7), min_size=1))
def test_what_a_reader_invents_alone_is_never_more_than_its_ceiling(named: set[int]) -> None:
    assert {each.probability for each in combined([], ReaderAnswer(tuple(map(reading, named))))} == {NAMED}
