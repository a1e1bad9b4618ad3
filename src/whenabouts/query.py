"""What a query asks beyond its event: which occurrence, and where it stands to other events.

>>> parse_query("the first time the interviewee admits a weakness").which
1
>>> read = parse_query("a player is sent off after the second goal is scored")
>>> read.event, read.relation, read.anchors
('a player is sent off', 'after', ('the second goal is scored',))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from whenabouts.errors import QueryError

__all__ = ["ParsedQuery", "Relation", "describe", "parse_query", "queries_of"]

Relation = Literal["after", "right after", "before", "right before", "while", "between", "until"]
EVERY = 0
MAX_QUERY_CHARS = 400  # a longer query is taken as an event, as it stands


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """An event, its constraints, and what kind of thing is sought.

    event:    what happens, as a sentence that any model can be asked, without the constraints
    which:    the n-th occurrence, counted from 1; -1 is the last, 0 is every one, None is not said
    relation: how the event stands to the `anchors`, which are queries too: two with `between`, else one
    words:    of the event, only what is sought: "the budget" of "she mentions the budget"; None is the whole event
    kind:     the evidence that the query asks for, a name in `evidence.KINDS`
    quoted:   whether `words` are meant literally
    act:      what a speaker does with the sought words, such as "admit" or "thank"
    asks:     what an answer to a question must hold: "person", "place", "time", "number", "reason", "manner", "thing"
    negated:  whether the event is that something does not happen
    count:    whether the number of occurrences is asked for
    language: of the query, as an ISO 639-1 code; None where it cannot be told
    unread:   parts that state a constraint which was not understood
    """

    event: str
    which: int | None = None
    relation: Relation | None = None
    anchors: tuple[str, ...] = ()
    words: str | None = None
    kind: str | None = None
    quoted: bool = False
    act: str | None = None
    asks: str | None = None
    negated: bool = False
    count: bool = False
    language: str | None = None
    unread: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether there is no constraint: no occurrence and no other event is named."""
        return self.which is None and self.relation is None


def queries_of(given: str | Sequence[str]) -> list[str]:
    """The queries as a list; a string is one query. Raises QueryError if there are none, or one is empty.

    >>> queries_of("a dog")
    ['a dog']
    """
    if not isinstance(given, Iterable):
        raise QueryError(f"queries must be text or a list of texts, not {type(given).__name__}")
    queries = [given] if isinstance(given, str) else list(given)
    for query in queries:
        if not isinstance(query, str):
            raise QueryError(f"a query must be text, not {type(query).__name__}")
    if not queries:
        raise QueryError("no query given; say in a few words what to look for")
    if not all(query.strip() for query in queries):
        raise QueryError("a query is empty; say in a few words what to look for")
    return queries


def describe(parsed: ParsedQuery) -> str:
    """The event."""
    return parsed.event


_NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDER = "|".join((*_NUMBERS, "last", "final", r"\d{1,3}(?:st|nd|rd|th)"))
_TIME = r"(?:time|moment|occasion|occurrence|instance|scene|shot|appearance)"
_LINK = r"(?:\s+(?:that|when|where|in which|of|with))?"
_WHICH = re.compile(
    rf"(?:when\s+|at\s+)?(?:the\s+)?(?P<order>{_ORDER})\s+{_TIME}{_LINK}\s+(?P<event>.+)", re.IGNORECASE
)
_LAST_WORDS = re.compile(rf"(?P<event>.+?)\s+for\s+the\s+(?P<order>{_ORDER})\s+time", re.IGNORECASE)
_EVERY = re.compile(
    rf"(?:every\s+{_TIME}|each\s+{_TIME}|whenever|all\s+(?:the\s+)?(?:{_TIME}s)){_LINK}\s+(?P<event>.+)", re.IGNORECASE
)
_BETWEEN = re.compile(r"(?P<event>.+?),?\s+between\s+(?P<first>.+?)\s+and\s+(?P<second>.+)", re.IGNORECASE)
_FRONT = re.compile(
    r"(?P<how>(?:right\s+)?(?:after|before)|while|until)\s+(?P<anchor>[^,]+),\s*(?P<event>.+)", re.IGNORECASE
)
_BEHIND = re.compile(
    r"(?P<event>.+?),?\s+(?:right\s+|just\s+|shortly\s+|immediately\s+)?"
    r"(?P<how>after|before|while|until)\s+(?P<anchor>.+)",
    re.IGNORECASE,
)
_VERB_WITH_AFTER = re.compile(  # "looks after a child" does not state an order in time
    r"\b(?:look|looks|looking|looked|run|runs|running|ran|chas\w+|takes?|named|name)$", re.IGNORECASE
)


def parse_query(query: str) -> ParsedQuery:
    """Take a query apart; what is not understood stays in the event, unchanged."""
    text = " ".join(query.split()).rstrip(" .!?")
    if len(text) > MAX_QUERY_CHARS:
        return ParsedQuery(query)
    if match := _EVERY.fullmatch(text):
        return _related(match["event"], EVERY)
    if match := _WHICH.fullmatch(text) or _LAST_WORDS.fullmatch(text):
        return _related(match["event"], _number(match["order"]))
    found = _related(text, None)
    return ParsedQuery(query) if found.plain else found


def _related(event: str, which: int | None) -> ParsedQuery:
    if (match := _BETWEEN.fullmatch(event)) and _events(match["event"], match["first"], match["second"]):
        return ParsedQuery(match["event"], which, "between", (match["first"], match["second"]))
    for pattern in (_FRONT, _BEHIND):
        match = pattern.fullmatch(event)
        if match and _events(match["event"], match["anchor"]) and not _VERB_WITH_AFTER.search(match["event"]):
            return ParsedQuery(match["event"], which, _relation(match["how"]), (match["anchor"],))
    return ParsedQuery(event, which)


def _events(*texts: str) -> bool:
    """Whether every part can be an event: one word alone, as in `day before yesterday`, is none."""
    return all(len(text.split()) >= 2 for text in texts)


def _relation(how: str) -> Relation:
    word = how.lower().split()[-1]
    relations: dict[str, Relation] = {"after": "after", "before": "before", "while": "while", "until": "until"}
    return relations[word]


def _number(order: str) -> int:
    word = order.lower()
    if word in {"last", "final"}:
        return -1
    return _NUMBERS.index(word) + 1 if word in _NUMBERS else int(re.sub(r"\D", "", word))
