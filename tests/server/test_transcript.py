"""Words are found in a transcript as people remember them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence import TimedText
from whenabouts.server.transcript import matching, with_context


def lines(*texts: str, kind: str = "said") -> list[TimedText]:
    return [TimedText(2.0 * k, 2.0 * k + 1, text, kind, "a.srt") for k, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "words", "hits"),
    [
        (["The harbours", "a harbour", "scar"], "HARBOUR", [0, 1]),
        (["a scar", "the car!"], "car", [1]),
        (["welcome to", "the harbour", "the end"], "to the harbour", [0, 1]),
        (["«Ça va?»", "cela"], "ça VA", [0]),
        (["빨간 자동차가 지나간다", "파란 배"], "자동차", [0]),
        (["欢迎来到港口", "再见"], "港口", [0]),
        (["red is the car", "a car"], "the red car", [0]),  # all of the words, where nobody says them in this order
        (["don't go"], "don’t go", [0]),
        (["a b"], "...", []),
        (["50% off"], "50", [0]),
    ],
)
def test_words_are_found_across_lines_in_any_case_and_script(texts: list[str], words: str, hits: list[int]) -> None:
    assert matching(lines(*texts), words) == hits


def test_what_is_said_does_not_go_on_in_what_is_written() -> None:
    mixed = [*lines("thank you"), *lines("all rights reserved", kind="written")]
    assert matching(mixed, "you all") == []


@given(st.lists(st.text(alphabet="ab .", max_size=6), min_size=1, max_size=6), st.data())
def test_every_word_that_is_there_is_found(texts: list[str], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(texts) - 1))
    words = texts[number].replace(".", " ").split()
    if words:
        assert number in matching(lines(*texts), " ".join(words))


@given(st.lists(st.integers(0, 30)), st.integers(0, 5), st.integers(0, 31))
def test_context_is_ordered_and_inside(hits: list[int], context: int, count: int) -> None:
    numbers = with_context(hits, context, count)
    assert numbers == sorted(set(numbers)) and all(0 <= number < count for number in numbers)
    assert {hit for hit in hits if hit < count} <= set(numbers)
