"""One thing that `doctor` looks at, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "State"]

State = Literal["ok", "absent", "doubtful", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and a sentence or a few facts about it.

    state: `absent` is what is not installed and was not asked for; `doubtful` what could not be told; only `broken` is
           a fault
    """

    name: str
    state: State
    told: str
