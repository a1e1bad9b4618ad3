"""WordPiece against the tokenizers library, which is what the sentence model was trained with."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.encoders.wordpiece import WordPiece, words

PIECES = WordPiece()


def settled(c: str) -> bool:
    """Whether the character means the same since Unicode 3.2: the reference has an older table than Python."""
    return unicodedata.category(c) == unicodedata.ucd_3_2_0.category(c)


KNOWN = st.characters(exclude_categories=("Cs", "Co", "Cn"), max_codepoint=0x2FFF).filter(settled)
SENTENCES = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCÉÜßñΣσ ,.-'’!?$0123456789 \t\n東京한국") | KNOWN, max_size=60
)


@pytest.fixture(scope="module")
def reference():
    tokenizers = pytest.importorskip("tokenizers", reason="the reference tokenizer is not installed")
    tokenizer = tokenizers.BertWordPieceTokenizer(vocab=PIECES.ids, lowercase=True)
    tokenizer.enable_truncation(256)
    return tokenizer


@given(text=SENTENCES)
def test_same_ids_as_the_reference(reference, text: str) -> None:
    assert PIECES.encode(text) == reference.encode(text).ids


@pytest.mark.parametrize(
    "text",
    [
        "A man's red-hot café naïve ΣΑΣ İstanbul 東京タワー 한국어 étude 🎸 $5.00",
        "supercalifragilisticexpialidocious unbelievableness",
        "a" * 100 + " " + "a" * 101,
        "x\ty\nz\u00a0q\u2028r\u200bs\ufffd\x00t",
        "word " * 400,
        "",
    ],
)
def test_same_ids_on_hard_texts(reference, text: str) -> None:
    assert PIECES.encode(text) == reference.encode(text).ids


def test_known_ids() -> None:
    assert PIECES.encode("Hello, world!") == [101, 7592, 1010, 2088, 999, 102]


def test_special_tokens_in_a_text_are_ordinary_text() -> None:
    assert PIECES.encode("[SEP]").count(102) == 1


@given(text=SENTENCES)
def test_words_do_not_depend_on_case_accents_or_form(text: str) -> None:
    once = list(words(text))
    assert list(words(" ".join(once))) == once
    assert list(words(unicodedata.normalize("NFD", text))) == list(words(unicodedata.normalize("NFC", text)))
