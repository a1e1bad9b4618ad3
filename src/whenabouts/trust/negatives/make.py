"""Make queries that do not happen from those that do, and leave out those that may happen all the same.

    other-video  a sentence of another video
    weak         one phrase is changed: a colour, a number, a place, a thing, an action
    moderate     two are
    strong       all are, three at least
    attribute    one colour, number, size or state is contradicted
    order        what happens first comes last

A negative is dropped where it follows from a sentence that is annotated in its video (`query.content`), where words
that were put in, or words that may mean the same, are said of the video anyway, or where its meaning is near to that of
another annotated sentence; for a sentence of another video see `elsewhere`. A video has no negative twice. What nobody
annotated cannot be checked: a negative may still happen.

No negative is made of a sentence that says that something does not happen, for its change most likely does not happen
either; nor of one in another language than English, in which words cannot be compared, or beside such a one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random

from whenabouts.benchmarks.annotations import Annotation
from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError
from whenabouts.query.content import content_words, follows
from whenabouts.query.language import language_of
from whenabouts.trust.negatives.edits import changed, places
from whenabouts.trust.negatives.elsewhere import Encode, Meanings, Pool, is_vague
from whenabouts.trust.negatives.lexicon import ATTRIBUTES
from whenabouts.trust.negatives.order import reordered

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
    happening = [e for e in examples if _happens(e)]
    said: dict[str, list[str]] = {}
    for e in happening:
        said.setdefault(e.video, []).append(e.query.strip())
    foreign = {e.video for e in happening if language_of(e.query) not in {"en", None}}
    pool = Pool((e.video, e.query) for e in happening if _affirms(e.query) and not is_vague(e.query))
    meanings = Meanings(encode, near)
    wanted = happening if of is None else [e for e in of if _happens(e)]
    taken: set[tuple[str, str]] = set()  # a video and what was made for it, once
    rows: dict[tuple[int, str], list[str]] = {}
    offered: dict[tuple[int, str], int] = {}
    for i in sorted(range(len(wanted)), key=lambda i: (wanted[i].video, wanted[i].query, str(wanted[i].qid))):
        e = wanted[i]
        for kind in dict.fromkeys(kinds):
            chance = Random(f"{seed}/{e.video}/{e.query}/{e.qid}/{kind}")  # noqa: S311 (no secret)
            usable = e.video not in foreign and (kind == "other-video" or _affirms(e.query))
            tried = list(islice(_candidates(e, kind, pool, said[e.video], chance), TRIES * per_query)) if usable else []
            fitting = (t for t in tried if (e.video, t) not in taken)
            if kind == "other-video":
                kept = meanings.farthest(fitting, said[e.video], per_query)
            else:
                others = [q for q in said[e.video] if q != e.query.strip()]
                sound = (t for t in fitting if not _may_be_true(t, e.query, others, meanings, kind))
                kept = list(islice(_distinct(sound), per_query))
            taken.update((e.video, sentence) for sentence in kept)
            rows[i, kind], offered[i, kind] = kept, len(tried)
    made = (
        _row(wanted[i], sentence, kind, number, seed, split)
        for i, kind in sorted(rows, key=lambda key: key[0])
        for number, sentence in enumerate(rows[i, kind], 1)
    )
    none = [key for key, kept in rows.items() if not kept]
    return Made(
        tuple(made),
        dict(Counter(kind for i, kind in none if not offered[i, kind])),
        dict(Counter(kind for i, kind in none if offered[i, kind])),
    )


def _candidates(e: Example, kind: str, pool: Pool, said: Sequence[str], chance: Random) -> Iterator[str]:
    """Sentences that may be negatives, without end unless there is nothing to change."""
    query = e.query.strip()
    if kind == "other-video":
        yield from pool.others(e.video, chance)
    elif kind == "order":
        turned = reordered(query)
        yield from () if turned is None else (turned,)
    else:
        words = frozenset[str]().union(*map(content_words, said))
        found = [p for p in places(query, said=words) if kind != "attribute" or p.kind in ATTRIBUTES]
        least = CHANGES.get(kind, 1)
        while len(found) >= least:
            yield changed(query, found if kind == "strong" else chance.sample(found, least), chance)


def _happens(e: Example) -> bool:
    return bool(len(e.windows) and e.query.strip())


@lru_cache(maxsize=100_000)
def _affirms(sentence: str) -> bool:
    """Whether a sentence says in English that something happens."""
    return not DENIED.search(sentence) and language_of(sentence) in {"en", None}


def _may_be_true(sentence: str, query: str, others: Sequence[str], meanings: Meanings, kind: str) -> bool:
    """Against the annotated sentences `others` of the video; a change of order has the words of its own query."""
    if kind != "order" and content_words(sentence) == content_words(query):
        return True
    return any(follows(sentence, other) for other in others) or meanings.near(sentence, others)


def _distinct(sentences: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(sentences))


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
