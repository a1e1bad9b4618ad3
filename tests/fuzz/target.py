"""`Target`: something that reads what strangers wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["TARGETS", "Target", "load"]

# By name, with how many of a hundred cases each gets.
TARGETS = {
    "media": 14,
    "subtitles": 9,
    "annotations": 12,
    "predictions": 12,
    "features": 12,
    "projects": 10,
    "server": 6,
    "mcp": 4,
    "answers": 7,
    "queries": 4,
    "settings": 6,
    "caches": 4,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where inputs come from, and what is done with one.

    seeds:  a few small inputs by file name, made in an empty folder; the name of a case has the same suffixes
    run:    uses the input in a file, and raises `Wrong` for an answer that cannot be true
    drawn:  a strategy of hypothesis for whole inputs, as (name, content)
    tokens: words of the format, which are put where they do not belong
    """

    seeds: Callable[[Path], Mapping[str, bytes]]
    run: Callable[[Path], object]
    drawn: Callable[[], Any] | None = None
    tokens: tuple[bytes, ...] = ()


def load(name: str) -> Target:
    """A target by its name, which is that of its module in `targets`."""
    target = import_module(f"fuzz.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target
