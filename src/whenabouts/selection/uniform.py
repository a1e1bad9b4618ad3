"""Uniform: frames at even distances, whatever is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whenabouts.errors import InputError
from whenabouts.selection.selector import Selection
from whenabouts.video import Video

__all__ = ["Uniform"]


@dataclass
class Uniform:
    """The pictures on show in the middle of `budget` equal parts of the video."""

    name: ClassVar[str] = "uniform"

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames. Raises VideoError, InputError."""
        if budget < 1:
            raise InputError(f"a selection needs a budget of at least one frame, got {budget}")
        times = video.times
        middles = (np.arange(budget) + 0.5) * video.duration / budget
        chosen = np.unique(np.clip(np.searchsorted(times, middles, "right") - 1, 0, None))
        return Selection(self.name, query, tuple(float(t) for t in times[chosen]))
