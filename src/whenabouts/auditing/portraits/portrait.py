"""What a portrait is: a kind of predictor, known by its answers alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.metrics.bootstrap import Interval
from whenabouts.trust.flaws.bounds import share_interval

__all__ = ["FEWEST", "Portrait", "Trait", "surely_above"]

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


def surely_above(limit: float, true: NDArray[np.bool_], videos: Sequence[str]) -> Interval | None:
    """The share of answers (Q,) with its bounds over videos or answers, None where the lower is not above a limit."""
    if true.mean() <= limit:
        return None
    found = share_interval(true, videos)
    return found if found.low > limit else None
