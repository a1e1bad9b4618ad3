"""Whether two files of answers can be compared: what their receipts say of how each query was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from whenabouts.files.records import read_lines

__all__ = ["differences", "receipts"]

SHOWN = 40  # characters of a setting in a sentence
FIRST = ("models", "prompting", "prompt", "stamps", "fps", "frames", "size", "pixels", "parser", "decoding")
Settings = dict[str, Any]


def receipts(path: Path) -> dict[str, Settings]:
    """The settings with which each query was answered, by qid, from the answers that have a receipt."""
    found: dict[str, Settings] = {}
    for row in read_lines(path):
        receipt = row.get("receipt")
        if isinstance(receipt, Mapping) and isinstance(settings := receipt.get("settings"), Mapping):
            models = receipt.get("models")
            weights = sorted(models.values()) if isinstance(models, Mapping) else models
            found[str(row.get("qid"))] = {**settings, "models": weights}
    return found


def differences(path: Path, other: Path) -> list[str]:
    """Sentences about what differs between two files made by `whenabouts predict`; none where all was alike.

    Raises AnnotationError for a file that is not JSON Lines.
    """
    ours, theirs = receipts(path), receipts(other)
    both = [qid for qid in ours if qid in theirs]
    if not both:
        bare = path if not ours else other
        return [f"{bare} does not say how its answers were made, so it cannot be compared with another file"]
    return [f"not comparable with {other}: {told}" for told in _told(ours, theirs, both)]


def _told(ours: Mapping[str, Settings], theirs: Mapping[str, Settings], both: list[str]) -> Iterator[str]:
    every = dict.fromkeys(name for qid in both for name in (*ours[qid], *theirs[qid]))
    for name in dict.fromkeys([*FIRST, *every]):
        pairs = [(ours[qid].get(name), theirs[qid].get(name)) for qid in both]
        unlike = [pair for pair in pairs if pair[0] != pair[1]]
        if unlike:
            one, another = (_short(value) for value in _apart(*unlike[0]))
            yield f"{name} {one} here, {another} there, in {len(unlike)} of {len(both)} answers"


def _apart(one: Any, another: Any) -> tuple[Any, Any]:
    """Of two objects only the fields that differ."""
    if not isinstance(one, Mapping) or not isinstance(another, Mapping):
        return one, another
    names = [name for name in {**one, **another} if one.get(name) != another.get(name)]
    return {name: one.get(name) for name in names}, {name: another.get(name) for name in names}


def _short(value: Any) -> str:
    text = "not stated" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
