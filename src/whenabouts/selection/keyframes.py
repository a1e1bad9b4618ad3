"""Keyframes: pictures that the encoder of the video chose to code whole, whatever is asked.

Encoders put one at most cuts and else at even distances, and one is decoded without any other: the cheapest pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.selection.selector import Selection, check_budget
from whenabouts.selection.uniform import Uniform, evenly
from whenabouts.video import Video

__all__ = ["Keyframes"]

SIZE = 16  # pixels: only the times are kept
NO_KEYFRAME = "no keyframe lies in this part of the video; these frames stand at even distances"


@dataclass
class Keyframes:
    """Every keyframe, or `budget` of them, evenly spread over their order."""

    name: ClassVar[str] = "keyframes"
    _held: tuple[str, NDArray[np.float64]] | None = field(default=None, init=False, repr=False, compare=False)

    def select(self, video: Video, query: str, budget: int) -> Selection:
        """At most `budget` frames; fewer where there are fewer keyframes. Raises VideoError, InputError."""
        check_budget(budget)
        times = self._times(video)
        if not len(times):
            even = Uniform().select(video, query, budget)
            return replace(even, selector=self.name, notes=(NO_KEYFRAME,))
        chosen = times if budget >= len(times) else times[evenly(len(times), budget)]
        return Selection(self.name, query, tuple(chosen.tolist()), looked=len(times))

    def _times(self, video: Video) -> NDArray[np.float64]:
        """When the keyframes begin; those of the video asked last are at hand."""
        if (held := self._held) is None or held[0] != video.sha256:
            self._held = held = video.sha256, np.unique([frame.time for frame in video.keyframes(size=SIZE)])
        return held[1]
