"""Whose name is asked for, and whether a name is given."""

from __future__ import annotations

import pytest

from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.phrasing import sought
from whenabouts.evidence.retrieve import Match, retrieve

LINES = [
    "Please tell us your name.",
    "I am Edvard Holm, seventy-eight years old.",
    "I will not put my name under that paper.",
    "My mother kept bees, and my father repaired clocks.",
    "The river froze in winter.",
]
KOREAN = ["성함을 말씀해 주세요.", "제 이름은 박영호이고, 목포에서 태어났습니다.", "아버지는 작은 어선을 타셨어요."]


def ranked(query: str, texts: list[str]) -> list[Match]:
    lines = [TimedText(5.0 * i, 5.0 * i + 4, text, "said", "file") for i, text in enumerate(texts)]
    [found] = retrieve(lines, [sought(query)], EvidenceModels(), cache=False)
    return found


@pytest.mark.parametrize("query", ["what is his name", "comment s'appelle-t-il", "그의 이름이 뭐예요", "wie heißt er"])
def test_a_name_is_given_where_somebody_says_who_he_is(query: str) -> None:
    assert ranked(query, LINES)[0].lines[0].text == LINES[1]
    assert ranked(query, KOREAN)[0].lines[0].text == KOREAN[1]


@pytest.mark.parametrize("query", ["what is his father's name", "what is her mother's name", "아버지 성함이 뭐예요"])
def test_the_name_of_another_is_no_answer(query: str) -> None:
    assert ranked(query, LINES)[0].probability < 0.3
    assert ranked(query, KOREAN)[0].probability < 0.3
