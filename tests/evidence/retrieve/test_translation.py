"""Words of a query are found in lines of another language, and sounds under any name."""

from __future__ import annotations

import numpy as np
import pytest

from whenabouts.encoders.kept import kept_vectors
from whenabouts.encoders.usem import MultilingualEncoder
from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.retrieve import retrieve
from whenabouts.evidence.retrieve.translation import Dictionary
from whenabouts.query import parse_query

ENGLISH = ["The budget was eighty million.", "My mother kept bees.", "We walked to school.", "The river froze."]
KOREAN = ["예산은 팔천만이었어요.", "어머니는 벌을 키우셨어요.", "학교까지 걸어갔어요.", "강이 얼었어요."]


def vectors(texts: list[str]) -> np.ndarray:
    return kept_vectors(MultilingualEncoder(), texts, cache=False).astype(np.float64)


@pytest.mark.parametrize(
    ("lines", "language", "words", "asked_in", "best"),
    [
        (ENGLISH, "en", "예산을", "ko", 0),
        (ENGLISH, "en", "ihre Mutter", "de", 1),
        (ENGLISH, "en", "学校", "zh", 2),
        (KOREAN, "ko", "the budget", "en", 0),
        (KOREAN, "ko", "her mother", "en", 1),
        (KOREAN, "ko", "la escuela", "es", 2),
    ],
)
def test_words_are_looked_up_in_the_lines(
    lines: list[str], language: str, words: str, asked_in: str, best: int
) -> None:
    share = Dictionary.of(lines, language).shared(words, asked_in, vectors)  # type: ignore[arg-type]
    assert share.argmax() == best and share[best] > 0.9
    assert np.delete(share, best).max() < 0.3


def test_what_the_lines_do_not_have_is_found_nowhere() -> None:
    assert Dictionary.of(ENGLISH, "en").shared("헬리콥터", "ko", vectors).max() == 0  # type: ignore[arg-type]
    assert Dictionary.of([], None).shared("예산", "ko", vectors).shape == (0,)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["applause", "박수 소리", "Applaus", "掌声", "拍手"])
def test_a_cue_names_its_sound_in_any_language(query: str) -> None:
    texts = [*ENGLISH, "[Applause]", "[Pause]"]
    lines = [TimedText(4.0 * i, 4.0 * i + 3, text, "said", "file") for i, text in enumerate(texts)]
    [[best, *_]] = retrieve(lines, [parse_query(query)], EvidenceModels(), cache=False)
    assert best.lines[0].text == "[Applause]" and best.probability >= 0.9
