"""The words of an English sentence that carry its content, to see whether one sentence follows from another.

Without grammar: articles, pronouns, auxiliaries and words for anybody are left out, endings are cut.

>>> sorted(content_words("A person is sitting on the couches."))
['couch', 'on', 'sit']
>>> follows("someone sits on a couch", "the person sits down on a red couch")
True
>>> follows("someone sits on a table", "the person sits down on a red couch")
False
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["content_in_order", "content_words", "follows", "stem"]

_EMPTY = """
a an the this that these those some any his her their its my our your he she it they them him himself herself
themselves we us i you who which is are was were be been being am do does did has have had having will would
can could there and then also person people persons someone somebody individual one s
"""
_LEFT_OUT = frozenset(_EMPTY.split())
_ENDINGS = ("ing", "ied", "ies", "ed", "es", "s")
_VOWELS = "aeiouy"
LEAST = 3  # letters of a stem


def stem(word: str) -> str:
    """The word without the ending of a plural or a verb, which need not be a word: "closes" and "closing" -> "clos"."""
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if (
            rest != word
            and len(rest) >= LEAST - (ending != "s")
            and any(v in rest for v in _VOWELS)
            and rest[-1:] != "s"
        ):
            word = rest + "y" if ending in ("ied", "ies") else rest
            break
    if len(word) > LEAST and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > LEAST and word.endswith("e") else word


def content_in_order(sentence: str) -> tuple[str, ...]:
    """The stems of the words that carry content, as they come; of a sentence without any, all its words."""
    words = re.findall(r"[^\W_]+", sentence.lower())
    return tuple(stem(word) for word in words if word not in _LEFT_OUT) or tuple(words)


@lru_cache(maxsize=100_000)
def content_words(sentence: str) -> frozenset[str]:
    """The stems of the words that carry content; of a sentence without any, all its words."""
    return frozenset(content_in_order(sentence))


def follows(sentence: str, other: str, *, in_order: bool = False) -> bool:
    """Whether all content of a sentence is also in another, so that it is likely to be true where the other is.

    in_order: and in the same order

    >>> both = "he drinks, then he eats", "he eats, then he drinks"
    >>> follows(*both), follows(*both, in_order=True)
    (True, False)
    """
    if not in_order:
        return content_words(sentence) <= content_words(other)
    left = iter(content_in_order(other))
    return all(word in left for word in content_in_order(sentence))
