"""Answers that are nearly the whole video, so that the truth must be in them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.portrait import FEWEST, Portrait, Trait, surely_above

__all__ = ["Hedger", "hedges"]

WHOLE = 0.75  # share of the video from which a window is nearly all of it
SHORT = 0.5  # share of the video that the truth may be, so that a hedge can be told from a right answer


class Hedger(Portrait):
    """Most answers to moments of half a video or less are three quarters of the video or more."""

    name: ClassVar[str] = "hedger"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where the lower bound of their share is above one half."""
        short = windows.take(windows.true_length <= SHORT * windows.duration)
        whole = surely_above(0.5, _nearly_all(short), short.videos) if len(short) >= FEWEST else None
        if whole is None:
            return None
        share = float(np.median(windows.covered))
        right = float((windows.tiou >= 0.5).mean())
        return Trait(
            self.name,
            f"{whole.mean:.0%} of the answers to moments of half a video or less (95 % at least {whole.low:.0%}) are "
            f"{WHOLE:.0%} of the video or more, {share:.0%} in the median: it hedges, and hits {right:.0%} at 0.5",
            {"whole": whole.mean, "whole low": whole.low, "share of the video": share, "R1@0.5": right},
        )


def hedges(windows: FirstWindows) -> bool:
    """Whether most answers are nearly the whole video, right or wrong."""
    return float(_nearly_all(windows).mean()) > 0.5


def _nearly_all(windows: FirstWindows) -> NDArray[np.bool_]:
    return np.asarray(windows.covered >= WHOLE)
