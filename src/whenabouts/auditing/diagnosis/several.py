"""Queries that happen several times: which of their moments were found, and which were missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts

__all__ = ["Found", "missed", "several"]


@dataclass(frozen=True, slots=True)
class Found:
    """Of true moments of one kind: how many there are, and the share that one of the first five answers hits."""

    name: str
    moments: int
    share: float


def several(facts: Facts) -> tuple[Found, ...]:
    """By order in time and by length, over the queries with more than one moment; empty without such queries."""
    kinds: dict[str, list[bool]] = {name: [] for name in ("the first", "in between", "the last", "the longest")}
    kinds["the others"] = []
    for windows, found in _by_query(facts):
        if len(windows) < 2:
            continue
        order, longest = np.argsort(windows[:, 0], kind="stable"), int(np.argmax(windows[:, 1] - windows[:, 0]))
        for place, at in enumerate(order.tolist()):
            name = "the first" if place == 0 else "the last" if place == len(order) - 1 else "in between"
            kinds[name].append(bool(found[at]))
            kinds["the longest" if at == longest else "the others"].append(bool(found[at]))
    return tuple(Found(name, len(held), float(np.mean(held))) for name, held in kinds.items() if held)


def missed(facts: Facts) -> list[list[list[float]]]:
    """By query, the true moments [start, end] that none of the first five answers hits."""
    return [windows[~found].tolist() for windows, found in _by_query(facts)]


def _by_query(facts: Facts) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    parts = np.split(facts.found, np.cumsum(facts.moments)[:-1])
    return [(e.windows, found) for e, found in zip(facts.examples, parts, strict=True)]
