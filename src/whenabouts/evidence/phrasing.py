"""What a query wants to hear or read, without the words around it: `he says "welcome back"` seeks `welcome back`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from whenabouts.evidence.kinds import KINDS

__all__ = ["Phrasing", "parse_phrasing"]

OTHER_KIND = 0.5  # of the score of evidence of another kind than the query asks for
MAX_PHRASING_CHARS = 1_000  # of a query that are looked at
QUOTE = re.compile(r"""["“”„«»]([^"“”„«»]+)["“”„«»]|(?<!\w)['‘‚](.+?)['’‘](?!\w)""")


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
    """Take a query apart; one that asks for no kind of evidence seeks its own words.

    >>> parse_phrasing("the title card reads INTRODUCTION")
    Phrasing(text='INTRODUCTION', kind='written', quoted=True)
    >>> parse_phrasing("someone mentions the budget")
    Phrasing(text='the budget', kind='said', quoted=False)
    """
    query = " ".join(query.split())[:MAX_PHRASING_CHARS]
    kind, words = _kind(query)
    if quote := QUOTE.search(query):
        return Phrasing((quote[1] or quote[2]).strip(), kind, quoted=True)
    if kind is None:
        return Phrasing(query)
    return Phrasing(words.rstrip(" .!?"), kind, quoted=KINDS[kind].literal)


def _kind(query: str) -> tuple[str | None, str]:
    """The kind that a whole query asks for, with the words to look for."""
    for name in reversed(list(KINDS.usable())):
        if words := KINDS[name].words_sought(query):
            return name, words
    return None, query
