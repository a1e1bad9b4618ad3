"""One thing that `doctor` looks at, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from whenabouts.errors import WhenaboutsError

__all__ = ["Check", "State", "broken"]

State = Literal["ok", "absent", "doubtful", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and a sentence or a few facts about it.

    state: `absent` is what is not installed and was not asked for; `doubtful` what could not be told; only `broken` is
           a fault
    facts: what a program or somebody who reads a report wants to know beyond the sentence
    """

    name: str
    state: State
    told: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def broken(name: str, error: Exception) -> Check:
    """The check that ended in an error, of any kind."""
    sentence = str(error) if isinstance(error, WhenaboutsError) else f"{type(error).__name__}: {error}"
    return Check(name, "broken", " ".join(sentence.split())[:300])
