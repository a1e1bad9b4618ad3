"""Make queries that do not happen from those that do, and leave out those that may happen all the same.

    other-video  a sentence of another video
    weak         one phrase is changed: a colour, a number, a place, a thing, an action
    moderate     two are
    strong       all are, three at least
    attribute    one colour, number, size or state is contradicted
    order        what happens first comes last

A negative is dropped where it follows from a sentence that is annotated in its video (`query.content`), where words
that were put in are said of the video anyway, or where its meaning is near to that of another annotated sentence. What
nobody annotated cannot be checked: a negative may still happen.

No negative is made of a sentence that says that something does not happen, for its change most likely does not happen
either; nor of one in another language than English, in which words cannot be compared, or beside such a one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.annotations import Annotation
from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError
from whenabouts.query.content import content_words, follows
from whenabouts.query.language import language_of
from whenabouts.trust.negatives.edits import changed, places, reordered
from whenabouts.trust.negatives.lexicon import ATTRIBUTES

__all__ = ["KINDS", "NEAR", "Made", "make_negatives"]

KINDS = {  # and how hard they are to tell from what happens, in the words of HI-VTG
    "other-video": "easy",
    "weak": "hard",
    "moderate": "medium",
    "strong": "easy",
    "attribute": "hard",
    "order": "hard",
}
NEAR = 0.8  # cosine of two sentences from which they may mean the same; ours, for MiniLM-L6
TRIES = 8  # draws of another sentence or of other words, until one may not be true
DENIED = re.compile(
    r"\b(not|never|no|nobody|nothing|none|nowhere|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE
)
CHANGES = {"weak": 1, "moderate": 2, "strong": 3}

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Made:
    """Rows of negatives, with how many queries of each kind had none.

    unfit:   in which nothing could be changed; doubted: whose negatives might all be true
    """

    rows: tuple[Annotation, ...]
    unfit: Mapping[str, int]
    doubted: Mapping[str, int]


def make_negatives(
    examples: Sequence[Example],
    kinds: Sequence[str] = tuple(KINDS),
    *,
    of: Sequence[Example] | None = None,
    per_query: int = 1,
    seed: int = 0,
    split: str | None = None,
    encode: Encode | None = None,
    near: float = NEAR,
) -> Made:
    """Up to `per_query` negatives of every kind for every query that happens; the same seed makes the same.

    of:     some of the examples, of which alone they are made; None is all
    encode: unit vectors of sentences, to compare meanings; None compares words only
    near:   cosine from which two sentences may mean the same

    The negatives of a query do not depend on the order of the others. Raises InputError for an unknown kind, or
    for none wanted.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"unknown kind of negative {kind!r}; choose from: {', '.join(KINDS)}")
    if not kinds:
        raise InputError(f"name a kind of negative: {', '.join(KINDS)}")
    if per_query < 1:
        raise InputError(f"a query needs at least 1 negative of a kind, not {per_query}")
    happening = [e for e in examples if len(e.windows) and e.query.strip()]
    said: dict[str, list[str]] = {}
    for e in happening:
        said.setdefault(e.video, []).append(e.query)
    foreign = {e.video for e in happening if language_of(e.query) not in {"en", None}}
    pool = sorted({(e.video, e.query.strip()) for e in happening if _affirms(e.query)})
    meanings = _Meanings(encode, near)
    rows: list[Annotation] = []
    unfit: Counter[str] = Counter()
    doubted: Counter[str] = Counter()
    for e in happening if of is None else (e for e in of if len(e.windows) and e.query.strip()):
        for kind in dict.fromkeys(kinds):
            chance = Random(f"{seed}/{e.video}/{e.query}/{e.qid}/{kind}")  # noqa: S311 (no secret)
            offered, kept = 0, list[str]()
            usable = e.video not in foreign and (kind == "other-video" or _affirms(e.query))
            for sentence in _candidates(e, kind, pool, said[e.video], chance) if usable else ():
                offered += 1
                others = said[e.video] if kind == "other-video" else [q for q in said[e.video] if q != e.query]
                if sentence not in kept and not _may_be_true(sentence, e.query, others, meanings):
                    kept.append(sentence)
                if len(kept) == per_query or offered == TRIES * per_query:
                    break
            rows += [_row(e, sentence, kind, number, seed, split) for number, sentence in enumerate(kept, 1)]
            if not kept:
                (doubted if offered else unfit)[kind] += 1
    return Made(tuple(rows), dict(unfit), dict(doubted))


def _candidates(
    e: Example, kind: str, pool: Sequence[tuple[str, str]], said: Sequence[str], chance: Random
) -> Iterable[str]:
    if kind == "other-video":
        own = len({sentence.strip() for sentence in said if _affirms(sentence)})
        while len(pool) > own:
            video, sentence = pool[chance.randrange(len(pool))]
            if video != e.video:
                yield sentence
        return
    if kind == "order":
        turned = reordered(e.query.strip())
        if turned is not None:
            yield turned
        return
    words = frozenset[str]().union(*map(content_words, said))
    found = [p for p in places(e.query.strip(), said=words) if kind != "attribute" or p.kind in ATTRIBUTES]
    least = CHANGES.get(kind, 1)
    while len(found) >= least:
        chosen = found if kind == "strong" else chance.sample(found, least)
        yield changed(e.query.strip(), chosen, chance)


def _affirms(sentence: str) -> bool:
    """Whether a sentence says in English that something happens."""
    return not DENIED.search(sentence) and language_of(sentence) in {"en", None}


def _may_be_true(sentence: str, query: str, others: Sequence[str], meanings: _Meanings) -> bool:
    """Against the annotated sentences `others` of the video; a change of order has the words of its own query."""
    if content_words(sentence) == content_words(query) and not reordered(sentence):
        return True
    return any(follows(sentence, other) for other in others) or meanings.near(sentence, others)


class _Meanings:
    """Vectors of sentences, each made once: 1.5 KB a sentence."""

    def __init__(self, encode: Encode | None, bound: float) -> None:
        self.encode, self.bound = encode, bound
        self.known: dict[str, NDArray[np.float32]] = {}

    def near(self, sentence: str, others: Sequence[str]) -> bool:
        if self.encode is None or not others:
            return False
        vectors = np.stack([self._vector(other) for other in others])
        return bool((vectors @ self._vector(sentence)).max() >= self.bound)

    def _vector(self, sentence: str) -> NDArray[np.float32]:
        if sentence not in self.known:
            assert self.encode is not None
            self.known[sentence] = self.encode([sentence])[0]
        return self.known[sentence]


def _row(e: Example, sentence: str, kind: str, number: int, seed: int, split: str | None) -> Annotation:
    return Annotation(
        e.video,
        sentence,
        e.duration,
        relevant_windows=(),
        qid=f"{e.qid}/{kind}/{number}",
        split=split,
        absent=kind,
        difficulty=KINDS[kind],
        original=e.query.strip(),
        seed=seed,
    )
