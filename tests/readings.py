"""How a query was read, in a form that tables of examples can state."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from whenabouts.query import ParsedQuery, parse_query


def reading(query: str) -> dict[str, Any]:
    """The fields that say something, without the language, and without the event where it is the query itself."""
    parsed = parse_query(query)
    found = {each.name: getattr(parsed, each.name) for each in fields(ParsedQuery)}
    default = {each.name: each.default for each in fields(ParsedQuery)} | {"event": query, "language": parsed.language}
    return {name: value for name, value in found.items() if value != default[name]}
