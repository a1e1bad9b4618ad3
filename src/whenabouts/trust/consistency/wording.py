"""Other words for an English sentence, and the parts of one that says several things: ours, small, without a model."""

from __future__ import annotations

import re

from whenabouts.query.text import tidy

__all__ = ["parts_of", "reworded"]

_SYNONYMS = {
    "couch": "sofa",
    "sofa": "couch",
    "television": "TV",
    "tv": "television",
    "fridge": "refrigerator",
    "refrigerator": "fridge",
    "person": "human",
    "someone": "a person",
    "begins": "starts",
    "starts": "begins",
    "closes": "shuts",
    "shuts": "closes",
    "closing": "shutting",
    "takes": "grabs",
    "grabs": "takes",
    "taking": "grabbing",
    "bike": "bicycle",
    "bicycle": "bike",
    "photo": "picture",
    "picture": "photo",
    "kid": "child",
    "child": "kid",
    "car": "automobile",
    "phone": "telephone",
    "talks": "speaks",
    "speaks": "talks",
    "jumps": "leaps",
    "walks": "strolls",
    "runs": "races",
    "looks": "gazes",
    "large": "big",
    "big": "large",
    "small": "little",
}
_WORD = re.compile(rf"\b(?:{'|'.join(_SYNONYMS)})\b", re.IGNORECASE)
_VERB = r"(?=(?:\w+(?:s|ing|ed)|put|takes?|sit|then)\b)"
_SPLITS = (
    re.compile(r",?\s+(?:and\s+)?then\s+", re.IGNORECASE),
    re.compile(r",?\s+(?:while|and)\s+" + _VERB, re.IGNORECASE),
)
_SUBJECT = re.compile(
    r"((?:(?:a|an|the|one|another|his|her)\s+)?(?:\w+\s+)?"
    r"(?:person|man|woman|boy|girl|lady|guy|child|people|men|women|dog|cat)|he|she|they|someone)\s+",
    re.IGNORECASE,
)


def reworded(query: str) -> list[str]:
    """Sentences that mean the same: one with synonyms where some are known, and two that put it another way.

    >>> reworded("a cat jumps on the couch")
    ['a cat leaps on the sofa', 'the moment when a cat jumps on the couch', 'in this video, a cat jumps on the couch']
    """
    plain = tidy(query)
    begun = plain[:1].lower() + plain[1:] if plain[1:2].islower() or plain[1:2] == " " else plain
    other = _WORD.sub(lambda match: _SYNONYMS[match[0].lower()], begun)
    synonyms = [other] if other != begun else []
    return [*synonyms, f"the moment when {begun}", f"in this video, {begun}"]


def parts_of(query: str) -> tuple[list[str], bool]:
    """The things that a sentence says one after another or at once, each with its subject; whether they are in order.

    No parts where it says one thing only.

    >>> parts_of("A man opens a book, then sits down.")
    (['A man opens a book', 'A man sits down'], True)
    >>> parts_of("a man sings")
    ([], False)
    """
    for split, ordered in zip(_SPLITS, (True, False), strict=True):
        found = [part for part in split.split(tidy(query)) if part]
        if len(found) > 1:
            subject = _SUBJECT.match(found[0])
            if subject is None:
                return [], False
            return [found[0], *(part if _SUBJECT.match(part) else f"{subject[0]}{part}" for part in found[1:])], ordered
    return [], False
