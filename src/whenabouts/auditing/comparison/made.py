"""Whether two files of answers were made alike, or a difference may be one of prompts and not of systems."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import WhenaboutsError
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.receipts import differences, receipts

__all__ = ["made_differently"]


def made_differently(first: Source, second: Source, name: str, other: str) -> list[str]:
    """Sentences about what the receipts of two files say, and about files that have none."""
    stated = [_states(source) for source in (first, second)]
    if not any(stated):
        return [f"neither {name} nor {other} says how its answers were made: prompt, frames or parser may differ"]
    if not all(stated):
        silent = other if stated[0] else name
        return [f"{silent} does not say how its answers were made: prompt, frames or parser may differ"]
    if not isinstance(first, Path) or not isinstance(second, Path):
        return []
    return differences(second, first)


def _states(source: Source) -> bool:
    try:
        named = isinstance(source, Path) and b'"receipt"' in source.read_bytes()  # most files are not parsed for it
        return isinstance(source, Path) and named and bool(receipts(source))
    except WhenaboutsError:  # other formats than JSON Lines have no receipts
        return False
