"""WordPiece: text -> token ids, as BERT-uncased models expect (arXiv 1810.04805).

The steps: clean the text, strip accents and convert it to lower case; isolate punctuation and CJK characters; split
each word greedily into the longest known pieces. Special tokens that occur in a text, such as "[SEP]", are treated as
ordinary text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from whenabouts.encoders.shipped import SHIPPED

__all__ = ["WordPiece"]

VOCABULARY = "bert-uncased-vocabulary.txt"
MAX_WORD_CHARS = 100  # a longer word is one unknown token
CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """The tokenizer with its vocabulary (30,522 pieces; the ones inside a word begin with "##")."""

    def __init__(self) -> None:
        text = SHIPPED.file(VOCABULARY).read_text("utf-8")
        self.ids = {piece: index for index, piece in enumerate(text.split("\n")[:-1])}
        self._pieces = cache(self._split)

    def encode(self, text: str, limit: int = 256) -> list[int]:
        """Token ids from [CLS] to [SEP]; longer texts are truncated to `limit` ids."""
        body = [piece for word in words(text) for piece in self._pieces(word)]
        return [self.ids["[CLS]"], *body[: limit - 2], self.ids["[SEP]"]]

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > MAX_WORD_CHARS:
            return (self.ids["[UNK]"],)
        pieces, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self.ids), None)
            if end is None:
                return (self.ids["[UNK]"],)
            pieces.append(self.ids[prefix + word[start:end]])
            start = end
        return tuple(pieces)


def words(text: str) -> Iterator[str]:
    """Cleaned lower-case words; every punctuation mark and CJK character is a word of its own."""
    decomposed = unicodedata.normalize("NFD", "".join(_clean(text)))
    plain = "".join(c.lower() for c in decomposed if unicodedata.category(c) != "Mn")
    return iter("".join(f" {c} " if _is_punctuation(c) else c for c in plain).split())


def _clean(text: str) -> Iterator[str]:
    for c in text:
        category = unicodedata.category(c)
        if c in "\t\n\r" or category[0] == "Z":
            yield " "
        elif category[0] == "C" or c == "\ufffd":
            continue
        elif any(low <= ord(c) <= high for low, high in CJK):
            yield f" {c} "
        else:
            yield c


def _is_punctuation(c: str) -> bool:
    """Unicode punctuation, and every printable ASCII character except letters, digits and the space."""
    return unicodedata.category(c)[0] == "P" or ("!" <= c <= "~" and not c.isalnum())
