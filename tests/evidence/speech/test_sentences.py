from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence.speech.sentences import MAX_SECONDS, PAUSE, Word, sentence_text, sentences


def spoken(text: str, *, gap: float = 0.05, length: float = 0.3, language: str = "en") -> list[Word]:
    words, at = [], 0.0
    for word in text.split():
        words.append(Word(at, at + length, f" {word}", language))
        at += length + gap
    return words


def texts(words: list[Word]) -> list[str]:
    return [sentence_text(sentence) for sentence in sentences(words)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Good morning.", "My name is Martha.", "Really?", "Yes!"],
        ["안녕하세요.", "제 이름은 김민수입니다.", "정말요?"],
        ["She said “no.”", "Then she left…", "So it goes."],
        ["We met Dr. Brown and Mr. J. Smith.", "They were late."],
        ["It cost 3.5 million.", "That was e.g. too much."],
    ],
)
def test_a_full_stop_ends_a_sentence(expected: list[str]) -> None:
    assert texts(spoken(" ".join(expected))) == expected


def test_a_german_ordinal_is_no_end() -> None:
    assert texts(spoken("Er kam am 3. März zurück. Gut.", language="de")) == ["Er kam am 3. März zurück.", "Gut."]
    assert texts(spoken("We were 3. Good.")) == ["We were 3.", "Good."]


def test_chinese_and_japanese_have_full_stops_of_their_own() -> None:
    words = [Word(at / 4, at / 4 + 0.2, sign, "zh") for at, sign in enumerate(["你", "好。", "谢", "谢！", "再", "见"])]
    assert texts(words) == ["你好。", "谢谢！", "再见"]


def test_a_pause_ends_a_sentence() -> None:
    words = spoken("and then I")
    later = [Word(w.start + 5, w.end + 5, w.text, w.language) for w in spoken("went home")]
    assert texts(words + later) == ["and then I", "went home"]


def test_another_language_ends_a_sentence() -> None:
    korean = [Word(w.start + 1, w.end + 1, w.text, "ko") for w in spoken("안녕하세요")]
    assert texts(spoken("and he said") + korean) == ["and he said", "안녕하세요"]


def test_a_long_sentence_is_cut_where_it_rests() -> None:
    words = spoken(" ".join(["word"] * 29) + " word, " + " ".join(["more"] * 30))
    assert texts(words) == [" ".join(["word"] * 30) + ",", " ".join(["more"] * 30)]


words_of_any_kind = st.lists(
    st.tuples(st.floats(0, 1.5), st.floats(0, 2), st.sampled_from([" one", " two.", " three,", "四。", " Dr."])),
    max_size=80,
).map(
    lambda rows: [
        Word(at, at + rows[i][1], rows[i][2], "en")
        for i in range(len(rows))
        for at in [sum(gap + length for gap, length, _ in rows[:i]) + rows[i][0]]
    ]
)


@given(words=words_of_any_kind)
def test_every_word_is_in_one_short_sentence(words: list[Word]) -> None:
    cut = sentences(words)
    assert [word for sentence in cut for word in sentence] == words
    assert all(len(s) == 1 or s[-1].end - s[0].start <= MAX_SECONDS for s in cut)
    assert all(b.start - a.end <= PAUSE for s in cut for a, b in pairwise(s))
