"""Words of a query in the words of a transcript in another language: `예산` is what its lines call `budget`.

An encoder of sentences in many languages is a dictionary too: a word and its translation have a dot product of about
0.6 to 0.95, and a word that has none there stays below 0.5 with all others. So a query need not be translated; each of
its words is looked up among those that the transcript has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.retrieve.language import STOPWORDS
from whenabouts.evidence.retrieve.wording import PARTICLES, UNSPACED, words_of

__all__ = ["Dictionary"]

Vectors = Callable[[Sequence[str]], NDArray[np.float64]]

OTHER, SAME = 0.5, 0.72  # dot products of words that are not, or surely are, translations of each other
UNSPACED_JOINTS = re.compile(r"[のはがをにとや的和在]")  # between the words of a phrase in Japanese or Chinese


@dataclass(frozen=True)
class Dictionary:
    """The words of the lines of a transcript in a language with spaces; none where it is written without."""

    lines: Sequence[frozenset[str]]
    words: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], language: str | None) -> Dictionary:
        """The words that carry meaning; Korean ones without particles."""
        lines = [frozenset(_telling(text, language)) for text in texts]
        words = sorted({word for line in lines for word in line if not UNSPACED.search(word)})
        return cls(lines, words)

    def shared(self, text: str, language: str | None, vectors: Vectors) -> NDArray[np.float64]:
        """The share of the telling words of a query whose translation each line has: (N,) in [0, 1]."""
        wanted = _telling(text, language)
        if not wanted or not self.words:
            return np.zeros(len(self.lines))
        alike = np.clip((vectors(wanted) @ vectors(self.words).T - OTHER) / (SAME - OTHER), 0.0, 1.0)
        number = {word: i for i, word in enumerate(self.words)}
        found = np.zeros((len(wanted), len(self.lines)))
        for i, line in enumerate(self.lines):
            if known := [number[word] for word in line if word in number]:
                found[:, i] = alike[:, known].max(axis=1)
        rare = np.log((len(self.lines) + 1) / (found.sum(axis=1) + 0.5))  # as words weigh that need no translation
        weight = np.maximum(rare, 0.1)
        share: NDArray[np.float64] = weight @ found / weight.sum()
        return share


def _telling(text: str, language: str | None) -> list[str]:
    """The words that carry meaning, each once, in order; phrases without spaces are parted where particles stand."""
    stopwords = STOPWORDS.get(language or "en", frozenset())
    words = [part for word in words_of(text) for part in _parts(word)]
    return list(dict.fromkeys(word for word in words if word not in stopwords and not word.isdigit()))


def _parts(word: str) -> list[str]:
    if "가" <= word[0] <= "힣":
        bare = PARTICLES.sub("", word)
        return [bare or word]
    if UNSPACED.search(word):
        return [part for part in UNSPACED_JOINTS.split(word) if part]
    return [word]
