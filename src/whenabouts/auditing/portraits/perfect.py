"""Answers that are the truth itself: from a leak, or made with it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.portrait import Portrait, Trait, surely_above

__all__ = ["EXACT", "Perfect", "exact"]

EXACT = 0.1  # seconds, or hundredth parts of the moment if that is more, from which on an end is not the true one
MOST = 0.9  # share of exact answers, at least


class Perfect(Portrait):
    """Both ends are the true ones, but for rounding, in surely more than 90 % of the answers."""

    name: ClassVar[str] = "perfect"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where the lower bound of the share of exact answers is above 90 %, or all of few are exact."""
        right = exact(windows)
        same = surely_above(0.5 if right.all() else MOST, right, windows.videos)
        if same is None:
            return None
        return Trait(
            self.name,
            f"{same.mean:.0%} of the answers are the truth, to within {EXACT:g} s or a hundredth of the moment: "
            "they are the annotations, or were made with them",
            {"exact": same.mean, "exact low": same.low},
        )


def exact(windows: FirstWindows) -> NDArray[np.bool_]:
    """(Q,) whether both ends are the true ones, but for rounding."""
    near = np.maximum(EXACT, 0.01 * windows.true_length)
    return np.asarray(np.abs(windows.errors).max(axis=1) <= near + 1e-6)
