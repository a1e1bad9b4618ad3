"""What a query wants to hear or read, without the words around it: `he says "welcome back"` seeks `welcome back`."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.evidence.kinds import KINDS
from whenabouts.query import parse_query

__all__ = ["Phrasing", "parse_phrasing"]

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
        for phrase in KINDS[name].phrases:
            if match := phrase.fullmatch(query):
                quote = parsed.words if parsed.quoted else None
                return Phrasing(quote or match["words"].rstrip(" .!?"), name, KINDS[name].literal or quote is not None)
    kind = parsed.kind if parsed.kind in KINDS else None
    words = None if parsed.asks else parsed.words  # a question is looked for as it stands: it may be asked in the video
    return Phrasing(words or parsed.event or query, kind, parsed.quoted)
