"""What a query was read as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from whenabouts.errors import QueryError

__all__ = ["EVERY", "ParsedQuery", "Relation", "queries_of"]

Relation = Literal["after", "right after", "before", "right before", "while", "between", "until"]
EVERY = 0


@dataclass(frozen=True, slots=True, repr=False)
class ParsedQuery:
    """An event, its constraints, and what kind of thing is sought.

    event:    what happens, as a sentence that any model can be asked, without the constraints; "" where only its
              place is said, as in "before the break": what stands directly there is sought
    which:    the n-th occurrence, counted from 1; -1 is the last, -2 the last but one, 0 is every one, None is not said
    relation: how the event stands to the `anchors`, which are queries too: two with `between`, else one
    words:    of the event, only what is sought: "the budget" of "she mentions the budget"; None is the whole event
    kind:     the evidence that the query asks for: "said", "written", "heard", "seen"; None where it may be any
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

    def __repr__(self) -> str:
        """Only what was read: fields that say nothing are left out."""
        said = [(each.name, getattr(self, each.name), each.default) for each in fields(self)]
        return f"ParsedQuery({', '.join(f'{name}={value!r}' for name, value, none in said if value != none)})"


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
