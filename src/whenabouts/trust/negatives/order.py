"""Turn around the order in which an English sentence says that one subject does two things.

Without a tagger only what is sure is taken: both sides start with a verb of the same form, no word says that the first
thing goes on, comes again or belongs to somebody else, and the two are not the same.
"""

from __future__ import annotations

import re

from whenabouts.query.content import content_words
from whenabouts.query.verbs import first_verb

__all__ = ["reordered"]

MOST = 20  # words of a sentence, for in longer ones who does what is told by more than one subject
_SUBJECT = (
    r"(?:(?:(?:a|an|the|one|another)\s+)?(?:(?:young|old|older|elderly|little|small|first|second|other)\s+)?"
    r"(?:person|man|woman|boy|girl|lady|guy|child|kid|dog|cat)|he|she|someone|somebody)"
)
_CLAUSE = re.compile(rf"({_SUBJECT}\s+)(\w+)\b", re.IGNORECASE)
_THEN = re.compile(r",?\s+(?:and\s+)?then\s+", re.IGNORECASE)
_BEFORE = re.compile(r",?\s+(before|after)\s+", re.IGNORECASE)
_OTHER = {"before": "after", "after": "before"}
_UNSURE = re.compile(  # states, repetitions, other clauses and pronouns, whose order or subject is not sure
    r"\b(is|are|was|were|be|been|being|has|have|had|does|do|did|will|would|can|could|seen|shown|which|who|whom|whose|"
    r"that|while|as|when|where|because|until|since|but|if|or|so|also|again|back|still|first|finally|lastly|eventually|"
    r"several|repeatedly|both|each|every|more|another|different|continu\w*|keep\w*|repeat\w*|return\w*|begin\w*|"
    r"start\w*|stop\w*|finish\w*|end|ends|ending|try|tries|trying|it|they|them|we|i|you|camera|video|screen|clip)\b"
    r"|\b(?:and|,)\s+(?:a|an|the|he|she|his|her|some|one|two)\b|,\s*(?:a|an|the|he|she|his|her)\b|[.;:!?]",
    re.IGNORECASE,
)
_STATES = frozenset(  # what may well go on before and after
    (
        *("stand", "sit", "lie", "talk", "speak", "watch", "look", "wear", "hold", "wait", "stare"),
        *("smile", "laugh", "play", "work", "rest", "live", "listen", "inhale", "exhale"),
    )
)
_CHANGE = re.compile(r"\w+\s+(?:up|down)\b")  # "sits down" is no state


def reordered(sentence: str) -> str | None:
    """What happens in the other order; None where no order is said that can surely be turned around.

    >>> reordered("A man sits down and then opens a book.")
    'A man opens a book then sits down.'
    >>> reordered("The woman waves before entering the car")
    'The woman waves after entering the car'
    >>> reordered("A girl is standing before a counter") is None
    True
    """
    body = sentence.strip().rstrip(" .!")
    end = sentence.strip()[len(body) :]
    if len(body.split()) > MOST or _UNSURE.search(body):
        return None
    subject = _CLAUSE.match(body)
    if subject is None or not _verb(subject[2], "s"):
        return None
    who, said = subject[1], body[subject.end(1) :]
    thens, befores = _THEN.split(said), list(_BEFORE.finditer(said))
    if len(thens) == 2 and not befores:
        first, second = thens
        if _verb(second.split()[0], "s") and _apart(first, second):
            return f"{who}{second} then {first}{end}"
    elif len(befores) == 1 and len(thens) == 1:
        (word,) = befores
        first, second = said[: word.start()], said[word.end() :]
        own = _CLAUSE.match(second)
        follows = _verb(own[2], "s") if own else _verb(second.split()[0], "ing") if second else False
        if follows and _apart(first, second):
            return f"{who}{first}{word[0].replace(word[1], _OTHER[word[1].lower()])}{second}{end}"
    return None


def _verb(word: str, ending: str) -> bool:
    return word.lower().endswith(ending) and first_verb(word) is not None


def _apart(first: str, second: str) -> bool:
    """Whether the two are different things that are done: neither is a state nor part of the other."""
    one, two = content_words(first), content_words(second)
    if first_verb(first) == first_verb(second) or one <= two or two <= one:
        return False
    return not any(first_verb(side) in _STATES and not _CHANGE.match(side) for side in (first, second))
