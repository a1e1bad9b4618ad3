"""How a query was understood, in a few words for the person who asked."""

from __future__ import annotations

from whenabouts.query.parsed import EVERY, ParsedQuery

__all__ = ["describe"]

SEPARATOR = " · "


def describe(parsed: ParsedQuery) -> str:
    """What was read: occurrence, evidence, act, words, relation, what the answer holds, what was not read.

    >>> from whenabouts.query import parse_query
    >>> describe(parse_query("the second time they mention the budget"))
    'the 2nd time · said · the budget'
    >>> describe(parse_query("before the break"))
    'right before: the break'
    """
    parts = [_occurrence(parsed)]
    if parsed.kind:
        parts.append(parsed.kind)
    if parsed.act:
        parts.append(parsed.act)
    parts.append("not" if parsed.negated else "")
    sought = parsed.words if parsed.words and not parsed.negated else parsed.event
    if not (parsed.act and not parsed.words):
        parts.append(f"“{sought}”" if parsed.quoted and sought == parsed.words else sought)
    if parsed.relation == "between":
        parts.append(f"between: {' and '.join(parsed.anchors)}")
    elif parsed.relation:
        nearest = "" if parsed.event or parsed.relation not in {"before", "after"} else "right "
        parts.append(f"{nearest}{parsed.relation}: {parsed.anchors[0]}")
    if parsed.asks:
        parts.append(f"asks for a {parsed.asks}")
    if parsed.unread:
        parts.append("not understood: " + ", ".join(f"“{part}”" for part in parsed.unread))
    return SEPARATOR.join(part for part in parts if part)


def _occurrence(parsed: ParsedQuery) -> str:
    if parsed.count:
        return "how many times"
    if parsed.which is None:
        return ""
    if parsed.which == EVERY:
        return "every time"
    if parsed.which == -1:
        return "the last time"
    if parsed.which < 0:
        return f"the {_ordinal(-parsed.which)} to last time"
    return f"the {_ordinal(parsed.which)} time"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
