"""Words that lines share with a query: rare ones count more, whole phrases most."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.retrieve.language import STOPWORDS

__all__ = ["Wording", "words_of"]

COMMON_WEIGHT = 0.2  # of a word that carries little meaning, beside its rareness
SNOWBALL = {
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
}
# Korean particles that are joined to a noun, longest first.
PARTICLES = re.compile(
    r"(?<=[가-힣])(?:에서부터|으로부터|에게서|한테서|에서는|에서도|까지는|이라고|이라는|에서|에게|한테|까지|부터|처럼|보다|마다|조차|마저"
    r"|밖에|이나|이랑|라고|라는|으로|하고|들은|들이|들을|들의|은|는|이|가|을|를|에|의|로|와|과|도|만|나|랑|요)$"
)
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")  # Chinese and Japanese, written without spaces
KANA = re.compile(r"[\u3040-\u309f]+")


class Wording:
    """The words of all lines, and the weight of each: log((N + 1) / (n + 0.5)) for a word in n of N lines.

    language: of the query; its endings are removed from the words of both
    """

    def __init__(self, texts: Sequence[str], language: str | None = None) -> None:
        self.language = language or "en"
        self._words = [words_of(text) for text in texts]
        self._stems = [frozenset(self._terms(words)) for words in self._words]
        self._spread = Counter(stem for stems in self._stems for stem in stems)
        stopwords = STOPWORDS.get(self.language, frozenset())
        self._common = stopwords | {_stem(word, self.language) for word in stopwords}

    def shared(self, text: str) -> NDArray[np.float64]:
        """The share of a query's telling words that each line has: (N,) in [0, 1]."""
        weights = {stem: self._weight(stem) for stem in self._terms(words_of(text))}
        total = sum(weights.values())
        found = [sum(weights[stem] for stem in stems & weights.keys()) for stems in self._stems]
        return np.array(found) / total if total > 0 else np.zeros(len(found))

    def literal(self, text: str) -> NDArray[np.bool_]:
        """Whether each line has the words of a query in their order, or is those words with its spaces lost."""
        words = words_of(text)
        if all(word in STOPWORDS.get(self.language, ()) for word in words):
            return np.array([bool(words) and line == words for line in self._words])  # "who are you" has no keyword
        run, squeezed = f" {' '.join(words)} ", "".join(words)
        if UNSPACED.fullmatch(squeezed):
            return np.array([squeezed in "".join(line) for line in self._words])
        return np.array([run in f" {' '.join(line)} " or squeezed == "".join(line) for line in self._words])

    def _terms(self, words: Sequence[str]) -> list[str]:
        return [term for word in words for term in _terms(word, self.language)]

    def _weight(self, stem: str) -> float:
        weight = math.log((len(self._stems) + 1) / (self._spread[stem] + 0.5))
        return max(0.0, weight) * (COMMON_WEIGHT if stem in self._common or KANA.fullmatch(stem) else 1.0)


def words_of(text: str) -> list[str]:
    """The words of a text without case and punctuation.

    >>> words_of("Don't stop, she said.")
    ['dont', 'stop', 'she', 'said']
    """
    return re.findall(r"\w+", text.casefold().replace("’", "").replace("'", ""))


@lru_cache(maxsize=50_000)
def _terms(word: str, language: str) -> tuple[str, ...]:
    """What is compared of a word: its stem; of unspaced writing every pair of neighbouring characters."""
    if UNSPACED.search(word):
        runs = UNSPACED.findall(word)
        rest = [part for part in UNSPACED.split(word) if part]
        pairs = [run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1))]
        return (*pairs, *rest)
    return (_stem(word, language),)


def _stem(word: str, language: str) -> str:
    """Without the commonest endings, so that `opens`, `opened` and `opening` meet."""
    if "가" <= word[0] <= "힣":
        bare = PARTICLES.sub("", word)
        return bare if len(bare) >= 2 else word
    if language in SNOWBALL:
        stem: str = _stemmer(language).stemWord(word)
        return stem
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e") if len(word) > 3 else word


@lru_cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(SNOWBALL[language])
