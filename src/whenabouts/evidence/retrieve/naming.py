"""Which act a query names, where its grammar names none: `named_acts.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

__all__ = ["named_act"]

TABLE = Path(__file__).with_name("named_acts.toml")
MISREAD = {"apologise": {"forgive", "ask"}}  # "asks to be excused", "begs for forgiveness"


def named_act(event: str, act: str | None) -> str | None:
    """The act that an event names; what the grammar read stays, unless it is known to be misread.

    >>> named_act("the judge opens the session", None), named_act("she forgives him", "forgive")
    ('open', 'forgive')
    """
    for name, pattern in _patterns().items():
        if (act is None or act in MISREAD.get(name, ())) and pattern.search(event):
            return name
    return act


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: re.compile("|".join(f"(?:{each})" for each in forms), re.IGNORECASE) for name, forms in table.items()}
