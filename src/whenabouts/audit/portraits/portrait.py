"""What a portrait is: a kind of predictor, known by its answers alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from whenabouts.audit.portraits.first_windows import FirstWindows

__all__ = ["FEWEST", "Portrait", "Trait"]

FEWEST = 20  # answers, from which on a kind can be told


@dataclass(frozen=True, slots=True)
class Trait:
    """What kind of predictor gave the answers: a name that does not change, and a sentence with its figures.

    figures: by name; shares in [0, 1], times in seconds
    """

    name: str
    sentence: str
    figures: Mapping[str, float]


class Portrait(ABC):
    """A kind of predictor that is named from how its answers lie beside the truth.

    A name needs statistics, not one figure: bounds of 95 % confidence, and answers permuted between queries. The limits
    are ours.
    """

    name: ClassVar[str]

    @abstractmethod
    def trait(self, windows: FirstWindows) -> Trait | None:
        """The trait, if the answers have it; `windows` are at least `FEWEST`."""
