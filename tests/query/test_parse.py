"""What holds for the reading of any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.query import EVERY, ParsedQuery, describe, parse_query
from whenabouts.query.grammar import LANGUAGES, compiled, grammar_of
from whenabouts.query.parse import MAX_QUERY_CHARS

FRAGMENTS = (
    "the first time ", "she ", "says that ", "before the break", " after ", "nobody ", "“hello”", "'a ", "when ", "is ",
    "what ", "and ", "between ", "처음으로 ", "그녀가 ", "예산을 언급", "때마다", "휴식 후에 ", "zum ersten Mal ",
    "gibt ", "zu ", "nach der Pause ", "por primera vez ", "antes de ", "après la pause ", "-t-elle ", "第一次",
    "之后", "提到", "初めて", "休憩の後に", "について話す", " ", ",", "(", "\n",
)  # fmt: skip
mixed = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=5)), max_size=30).map("".join)


@given(st.one_of(st.text(max_size=500), mixed))
def test_any_text_is_a_query(query: str) -> None:
    found = parse_query(query)
    assert found.event or found.relation or not query.strip()
    assert describe(found) or not query.strip()
    assert len(found.anchors) == {None: 0, "between": 2}.get(found.relation, 1)
    for part in (found.event, *found.anchors, found.words or "", *found.unread):
        assert len(part) <= len(query) + 2  # -s of the third person, a space
    assert found.language in {None, *LANGUAGES}
    assert found.count <= (found.which == EVERY)
    assert not found.quoted or found.words
    assert parse_query(query) == found


@given(mixed)
def test_anchors_are_shorter_queries(query: str) -> None:
    anchors = list(parse_query(query).anchors)
    while anchors:
        anchor = anchors.pop()
        inner = parse_query(anchor).anchors
        assert all(0 < len(part) < len(anchor) for part in inner)
        anchors += inner


@pytest.mark.parametrize(
    "query",
    ["a man opens the fridge", "applause", "the break", "남자가 냉장고를 연다", "", "  ", "???", "\ue000 says \ue001"],
)
def test_a_plain_query_stays_as_it_is(query: str) -> None:
    found = parse_query(query)
    assert found.plain and found.event == query and not found.unread


def test_a_long_text_is_one_event() -> None:
    query = "the first time she laughs " * 20
    assert len(query) > MAX_QUERY_CHARS
    assert parse_query(query) == ParsedQuery(query, language="en")
    huge = "before the break " * 100_000
    assert parse_query(huge).event == huge


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_repetition_is_read_too(fragment: str) -> None:  # it would not end if a pattern went back over itself
    for start in ("", "she says ", "그녀가 ", "wenn ", "彼女が", "她"):
        assert parse_query((start + fragment * MAX_QUERY_CHARS)[:MAX_QUERY_CHARS]) is not None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('she says "no"', "no"),
        ("she says “no way”", "no way"),
        ("sie sagt „nein“", "nein"),
        ("elle dit « non merci »", "non merci"),
        ("ella dice «no»", "no"),
        ("she says ‘it’s over’", "it’s over"),
        ("she says 'welcome back'", "welcome back"),
        ("그녀가 “안녕”이라고 말한다", "안녕"),
        ("彼女が「さようなら」と言う", "さようなら"),
        ("彼女が『本』と言う", "本"),
        ("她说“再见”", "再见"),
        ("她提到《红楼梦》", "红楼梦"),
        ("she says \"before the break\" before the applause", "before the break"),
    ],
)  # fmt: skip
def test_quoted_words_are_sought_literally(query: str, words: str) -> None:
    found = parse_query(query)
    assert (found.words, found.quoted, found.kind) == (words, True, "said")


@pytest.mark.parametrize("query", ["the dogs' bowl", "it's 5 o'clock at Joe's", "l'eau d'une source", "5' 10\" tall"])
def test_an_apostrophe_is_no_quotation(query: str) -> None:
    assert not parse_query(query).quoted


@pytest.mark.parametrize("code", LANGUAGES)
def test_grammars_are_complete(code: str) -> None:
    grammar = grammar_of(code)
    assert grammar.code == code
    for pattern in (*grammar.order, *grammar.adverbs):
        groups = compiled(pattern).groupindex
        assert "n" in groups
    assert {name for name, _ in grammar.relations} == {
        "after", "right after", "before", "right before", "while", "until", "between",
    }  # fmt: skip
    assert {question.asks for question in grammar.questions} == {
        None, "person", "place", "time", "number", "reason", "manner", "thing",
    }  # fmt: skip
    for patterns in (grammar.written, grammar.heard, grammar.seen):
        assert any("words" in compiled(pattern).groupindex for pattern in patterns)
    assert grammar.count and grammar.every and grammar.unread
