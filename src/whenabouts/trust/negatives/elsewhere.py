"""Sentences of other videos, of which the one least alike to what is annotated is taken.

A sentence that says little is true of many videos. Left out are those that name no thing but by a pronoun ("he puts it
away"), and those about the film itself, such as credits; and of the rest those of which half of the words are in one
annotated sentence. Of those that were tried the one is kept whose greatest cosine to any annotated sentence is lowest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from whenabouts.query.content import content_words
from whenabouts.trust.negatives.edits import meant

__all__ = ["APART", "Encode", "Meanings", "Pool", "is_vague"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

APART = 0.5  # cosine from which a sentence of another video may be true of this one; ours, for MiniLM-L6
SHARED = 0.5  # share of the words, likewise
LEAST = 2  # words that carry content
_VAGUE = re.compile(
    r"\b(it|them|this|these|that|those|something|things?|stuff|others?|again|credits?|titles?|logos?|intro|outro|introduction|"
    r"videos?|screens?|camera|clips?|scenes?|words?|texts?|images?|pictures?|website|advert\w*|footage|subscribe|end|ends|"
    r"ending|closing|opening)\b",
    re.IGNORECASE,
)
_SMALL = frozenset(
    (
        "in",
        "on",
        "at",
        "to",
        "of",
        "off",
        "up",
        "down",
        "out",
        "into",
        "onto",
        "from",
        "with",
        "by",
        "over",
        "for",
        "away",
    )
)


def is_vague(sentence: str) -> bool:
    """Whether a sentence says so little that it is true of many videos."""
    return bool(_VAGUE.search(sentence)) or len(_words(sentence)) < LEAST


class Pool:
    """Sentences with their videos, each once."""

    def __init__(self, sentences: Iterable[tuple[str, str]]) -> None:
        self.rows = sorted({(video, sentence.strip()) for video, sentence in sentences})
        self.of = Counter(video for video, _ in self.rows)

    def others(self, video: str, chance: Random) -> Iterator[str]:
        """Drawn of all but those of a video, without end; none where there are none."""
        while len(self.rows) > self.of[video]:
            other, sentence = self.rows[chance.randrange(len(self.rows))]
            if other != video:
                yield sentence


class Meanings:
    """Compares sentences by vectors, each made once and kept: 1.5 KB a sentence. Without an encoder by words only."""

    def __init__(self, encode: Encode | None, bound: float) -> None:
        self.encode, self.bound = encode, bound
        self.known: dict[str, NDArray[np.float32]] = {}

    def near(self, sentence: str, others: Sequence[str]) -> bool:
        """Whether a sentence may mean the same as one of others."""
        return self._cosine(sentence, others) >= self.bound

    def farthest(self, sentences: Iterable[str], said: Sequence[str], most: int) -> list[str]:
        """The sentences that are least alike to what is said, the least first; none that may be true."""
        apart = [each for each in dict.fromkeys(sentences) if not any(_shares(each, other) for other in said)]
        cosines = {each: self._cosine(each, said) for each in apart}
        return sorted((each for each in apart if cosines[each] < min(APART, self.bound)), key=cosines.__getitem__)[
            :most
        ]

    def _cosine(self, sentence: str, others: Sequence[str]) -> float:
        """The greatest; -1 where nothing is compared."""
        if self.encode is None or not others:
            return -1.0
        return max(float(self._vector(other) @ self._vector(sentence)) for other in others)

    def _vector(self, sentence: str) -> NDArray[np.float32]:
        if sentence not in self.known:
            assert self.encode is not None
            self.known[sentence] = self.encode([sentence])[0]
        return self.known[sentence]


def _shares(sentence: str, other: str) -> bool:
    words = _words(sentence)
    return len(words & meant(_words(other))) >= SHARED * len(words)


def _words(sentence: str) -> frozenset[str]:
    return content_words(sentence) - _SMALL
