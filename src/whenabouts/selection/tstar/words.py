"""What T* looks for: targets, which answer the query, and cues, which are often seen near them.

Officially a language model names both from the question and eight frames. Here any function from a prompt to a reply
may, from the question alone; without one the event of the query is the only target.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from whenabouts.query import parse_query

__all__ = ["Ask", "Sought", "sought"]

Ask = Callable[[str], str]

PROMPT = """A video is searched for the answer to this: {query}
Which things must be visible where the answer is, and which things are likely to be near them?
Reply with two lines and nothing else, in a few words each, separated by commas:
targets: thing, thing
cues: thing, thing"""
MOST = 8  # things of either sort
LABEL = re.compile(r"^\W*(?:targets?|cues?|key objects|cue objects)\s*:|^\s*\d+[.)]\s*", re.IGNORECASE)
UNREADABLE = "the language model named nothing to look for; the query itself was looked for"


class Sought(NamedTuple):
    """Names of things; at least one target. `notes` are what is to be told."""

    targets: tuple[str, ...]
    cues: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def sought(query: str, ask: Ask | None = None) -> Sought:
    r"""What to look for.

    >>> sought("the second time a dog runs", lambda prompt: "Targets: dog, lead\ncues: park")
    Sought(targets=('dog', 'lead'), cues=('park',), notes=())
    >>> sought("the second time a dog runs").targets
    ('a dog runs',)
    """
    event = parse_query(query).event or query
    if ask is None:
        return Sought((event,))
    lines = [_things(line) for line in ask(PROMPT.format(query=query)).splitlines() if line.strip()]
    targets = lines[0] if lines else ()
    if not targets:
        return Sought((event,), notes=(UNREADABLE,))
    return Sought(targets, tuple(cue for cue in (lines[1] if len(lines) > 1 else ()) if cue not in targets))


def _things(line: str) -> tuple[str, ...]:
    things = (" ".join(re.sub(r"[^\w\s'-]", " ", thing).split()) for thing in LABEL.sub("", line).split(","))
    return tuple(dict.fromkeys(thing.lower() for thing in things if thing))[:MOST]
