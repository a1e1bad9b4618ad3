"""How alike sentences are in their words: cosines of TF-IDF vectors of words and pairs of words.

Counts times ln((1 + n) / (1 + df)) + 1, to length 1: the defaults of scikit-learn's `TfidfVectorizer`, whose words have
two letters or more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sentences"]

WORD = re.compile(r"\b\w\w+\b")
AS_GOOD = 1e-9  # cosines that differ by less, which is what rounding leaves, are equal

Ids = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Sentences:
    """Sentences that are searched for those most like another. Holds a number for every different word of each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        texts = {text: number for number, text in enumerate(dict.fromkeys(sentences))}
        self._text_of: Ids = np.array([texts[text] for text in sentences], dtype=np.int64)
        rows = [_terms(text) for text in texts]
        self._terms = {term: number for number, term in enumerate(dict.fromkeys(t for row in rows for t in row))}
        text = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        term = np.array([self._terms[t] for row in rows for t in row], dtype=np.int64)
        count = np.array([n for row in rows for n in row.values()], dtype=np.float64)
        copies = self._copies = np.bincount(self._text_of, minlength=len(rows))
        df = np.bincount(term, weights=copies[text], minlength=len(self._terms))
        self._idf = np.log((1 + len(sentences)) / (1 + df)) + 1
        weight = count * self._idf[term]
        length = np.sqrt(np.bincount(text, weights=weight**2, minlength=len(rows)))
        weight /= np.maximum(length[text], np.finfo(np.float64).tiny)
        order = np.argsort(term, kind="stable")
        self._texts, self._weights = text[order], weight[order]
        self._ends: Ids = np.concatenate([[0], np.cumsum(np.bincount(term, minlength=len(self._terms)))])
        by_text = np.argsort(self._text_of, kind="stable")
        self._rows: list[Ids] = np.split(by_text, np.cumsum(copies)[:-1]) if rows else []

    def nearest(self, sentence: str, most: int) -> tuple[Ids, Numbers]:
        """The sentences (at most so many) that share a word, most alike first, then in their order: which, how alike.

        Sentences without a word in common are left out.
        """
        cosines = self._cosines(sentence)
        bound = 0.0
        if len(cosines) > most:  # texts as good as the last one are kept, for their order decides
            bound = _greatest(cosines, most) - AS_GOOD
        found = np.flatnonzero(cosines > max(bound, 0.0))
        alike = np.repeat(np.round(cosines[found] / AS_GOOD) * AS_GOOD, self._copies[found])
        rows = np.concatenate([np.zeros(0, np.int64), *(self._rows[t] for t in found)])
        order = np.lexsort((rows, -alike))[:most]
        return rows[order], alike[order]

    def _cosines(self, sentence: str) -> Numbers:
        counts = {self._terms[t]: n for t, n in _terms(sentence).items() if t in self._terms}
        cosines = np.zeros(len(self._rows))
        weights = {term: n * self._idf[term] for term, n in counts.items()}
        length = np.sqrt(sum(weight**2 for weight in weights.values()))
        for term, weight in weights.items():
            rows = slice(self._ends[term], self._ends[term + 1])
            cosines[self._texts[rows]] += self._weights[rows] * (weight / length)
        return cosines


def _greatest(values: Numbers, n: int) -> float:
    """The n-th greatest of values: those below the n-th greatest of some are left aside, for they are too small."""
    some = values[:: max(1, len(values) // (16 * n))]
    values = values[values >= np.partition(some, -n)[-n]]
    return float(np.partition(values, -n)[-n])


def _terms(sentence: str) -> Counter[str]:
    words = WORD.findall(sentence.lower())
    return Counter(words + [f"{a} {b}" for a, b in pairwise(words)])
