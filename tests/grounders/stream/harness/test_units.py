"""Time marks, and answers as models write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.harness.units import Change, changes, mark, plain, silent, spoken


def test_a_mark_names_the_end_of_its_second() -> None:
    assert [mark(0), mark(43_199)] == ["<ts-1s>", "<ts-43200s>"]


@pytest.mark.parametrize(
    "answer",
    ["</silence>", " </silence>\n", "<silence>", "</Silence>", "`</silence>`",
     "<think>Hm.</think>\n</silence>", "<silence/>"],
)  # fmt: skip
def test_silence(answer: str) -> None:
    assert silent(answer) and spoken(answer) is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("</response> 1 starts", "1 starts"),
        ("</response>1 starts\n2 ends", "1 starts\n2 ends"),
        ("<response>1 starts</response>", "1 starts"),
        ("<think>It is </silence>? No.</think></response> 1 starts", "1 starts"),
        ("```\n</response> 1 starts\n```", "1 starts"),
    ],
)
def test_a_response(answer: str, words: str) -> None:
    assert spoken(answer) == words and not silent(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "", "1 starts", "I am silent.", "</response>", "</response>  ", "</response> 1 starts </silence>",
        "</silence> </response> 1 starts", "</silence></silence>", "</silence> but 1 starts", "<think>endless",
        "well </response> 1 starts", "</response> 1 starts </response> 2 ends",
    ],
)  # fmt: skip
def test_what_is_neither(answer: str) -> None:
    assert not silent(answer) and spoken(answer) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("1 starts", [(1, True)]),
        ("1 starts\n2 ends.", [(1, True), (2, False)]),
        ("1 starts, 2 ends and 3 begins", [(1, True), (2, False), (3, True)]),
        ("- 12: has started\n- Query #3 is over", [(12, True), (3, False)]),
        ("4 stopped", [(4, False)]),
        ("4 has just begun", [(4, True)]),
        ("a dog starts to run", []),
        ("1 starts\nthe dog is brown", []),
        ("1 starts to bark", []),
        ("1.5 starts", []),
        ("21st starts", []),
        ("1", []),
        ("", []),
    ],
)
def test_changes(words: str, expected: list[tuple[int, bool]]) -> None:
    assert changes(words) == [Change(*each) for each in expected]


@given(st.text(max_size=2000) | st.text(alphabet="<>/silenceresponse 123starts\n", max_size=200))
def test_nothing_that_is_said_is_an_error(answer: str) -> None:
    assert not (silent(answer) and spoken(answer))
    changes(answer)
    changes(spoken(answer) or "")
    assert not (silent(answer) and plain(answer))
