"""What a blind baseline is: answers from annotations alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example

__all__ = ["Answers", "Baseline"]

Answers = dict[str | int, NDArray[np.float64]]


class Baseline(ABC):
    """Answers queries from a training split, the words of the query and the length of the video.

    learns: whether it needs a training split
    beside: whether it stands beside every score: some score may be its best
    compares: whether it compares every query with all of training, which takes half a millisecond for 40 thousand
    """

    name: str
    learns: ClassVar[bool] = True
    beside: ClassVar[bool] = False
    compares: ClassVar[bool] = False

    @abstractmethod
    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """Windows (N, 2) in seconds by qid, best first, for every example whose duration is known.

        Training examples without windows or duration are passed over. Deterministic.
        """
