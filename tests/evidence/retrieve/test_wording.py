from __future__ import annotations

import pytest

from whenabouts.evidence.retrieve.language import language_of
from whenabouts.evidence.retrieve.wording import Wording

LINES = {
    "ko": ["예산은 팔천만 원이었습니다.", "어머니는 벌을 치셨어요.", "그때는 전화가 없었지요."],
    "de": ["Die Brücken wurden neu gebaut.", "Meine Mutter hielt Bienen.", "Wir hatten kein Telefon."],
    "es": ["Construyeron los puentes.", "Mi madre criaba abejas.", "No teníamos teléfono."],
    "fr": ["Ils ont construit des ponts.", "Ma mère élevait des abeilles.", "Nous n'avions pas le téléphone."],
    "zh": ["他们建造了一座桥。", "我的母亲养蜜蜂。", "我们没有电话。"],
    "ja": ["橋を造りました。", "母は蜜蜂を飼っていました。", "電話はありませんでした。"],
}


@pytest.mark.parametrize(
    ("language", "query", "line"),
    [
        ("ko", "예산", 0),
        ("ko", "어머니가", 1),
        ("de", "die Brücke", 0),
        ("es", "el puente", 0),
        ("fr", "le pont", 0),
        ("fr", "une abeille", 1),
        ("zh", "蜜蜂", 1),
        ("ja", "電話", 2),
    ],
)
def test_other_forms_of_a_word_meet(language: str, query: str, line: int) -> None:
    wording = Wording(LINES[language], language)
    assert int(wording.shared(query).argmax()) == line
    assert wording.mentions(query).tolist() == [i == line for i in range(3)]


def test_words_without_meaning_are_no_mention() -> None:
    assert not Wording(["He is here.", "She was there."], "en").mentions("she is").any()


@pytest.mark.parametrize("language", LINES)
def test_the_language_of_lines_is_told(language: str) -> None:
    assert language_of(LINES[language]) == language
