"""Uniform: frames at even distances, whatever is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.selection.selector import Selection, check_budget
from whenabouts.video import Video

__all__ = ["Uniform", "evenly"]


def evenly(count: int, budget: int) -> NDArray[np.intp]:
    """The numbers in the middle of `budget` equal parts of those below `count`; distinct where budget <= count.

    >>> evenly(10, 3)
    array([1, 5, 8])
    """
    return ((2 * np.arange(budget) + 1) * count // max(1, 2 * budget)).astype(np.intp)


@dataclass
class Uniform:
    """The pictures on show in the middle of `budget` equal parts of the video; all where there are no more."""

    name: ClassVar[str] = "uniform"

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames. Raises VideoError, InputError."""
        check_budget(budget)
        times = video.times
        if budget >= len(times):
            return Selection(self.name, query, tuple(times.tolist()))
        middles = (np.arange(budget) + 0.5) * video.duration / budget
        chosen = np.unique(np.clip(np.searchsorted(times, middles, "right") - 1, 0, None))
        return Selection(self.name, query, tuple(times[chosen].tolist()))
