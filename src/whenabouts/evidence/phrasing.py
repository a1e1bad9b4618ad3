"""What a query wants to hear or read, without the words around it: `he says "welcome back"` seeks `welcome back`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from whenabouts.evidence.kinds import KINDS
from whenabouts.query import ParsedQuery, parse_query

__all__ = ["Phrasing", "parse_phrasing", "sought"]

OTHER_KIND = 0.5  # of the score of evidence of another kind than the query asks for


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The words to look for; `kind` when the query says which evidence has them; `quoted` when it gives them literally.

    The kind is a name in `KINDS`.
    """

    text: str
    kind: str | None = None
    quoted: bool = False

    def weight(self, kind: str) -> float:
        """What a score of this kind of evidence counts: half where the query asks for another."""
        return 1.0 if self.kind in {None, kind} else OTHER_KIND


def parse_phrasing(query: str) -> Phrasing:
    """What a query seeks: by the phrases of a kind that is a plugin, else by the grammar of its language.

    >>> parse_phrasing("the title card reads INTRODUCTION")
    Phrasing(text='INTRODUCTION', kind='written', quoted=True)
    >>> parse_phrasing("someone mentions the budget")
    Phrasing(text='the budget', kind='said', quoted=False)
    """
    query = " ".join(query.split())
    parsed = parse_query(query)
    for name in reversed(list(KINDS.usable())):
        if words := KINDS[name].words_sought(query):
            quote = parsed.words if parsed.quoted else None
            return Phrasing(quote or words.rstrip(" .!?"), name, KINDS[name].literal or quote is not None)
    kind = parsed.kind if parsed.kind in KINDS else None
    words = None if parsed.asks else parsed.words  # a question is looked for as it stands: it may be asked in the video
    return Phrasing(words or parsed.event or query, kind, parsed.quoted)


def sought(event: str) -> ParsedQuery:
    """An event as `parse_query` reads it, with the kind of evidence that it asks for, also where a plugin brings it.

    >>> sought("someone mentions the budget").kind
    'said'
    """
    read, phrasing = parse_query(event), parse_phrasing(event)
    if phrasing.kind == read.kind:
        return read
    return replace(read, words=phrasing.text, kind=phrasing.kind, quoted=phrasing.quoted)
