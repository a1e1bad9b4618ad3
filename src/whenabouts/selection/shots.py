"""Shots: every shot is shown, and long ones more often, whatever is asked.

A shot ends where neighbouring frames differ, as `evidence.boundaries.shots` finds it. Each shot gives one frame; what
the budget has left goes, one by one, to the shot whose frames stand farthest apart. With more shots than frames, the
shots are those at even distances in the order of shots. Frames stand in the middles of equal parts of their shot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.boundaries import shots
from whenabouts.selection.scored import Indices, Looked, ScoredSelector
from whenabouts.selection.uniform import evenly

__all__ = ["Shots", "over_shots"]


def over_shots(firsts: NDArray[np.intp], count: int, budget: int) -> Indices:
    """`budget` of `count` frames, increasing, for the first frames of all shots, which begin with 0; budget <= count.

    >>> over_shots(np.array([0, 2, 3]), 13, 5)
    array([ 1,  2,  4,  8, 11])
    """
    lengths = np.diff(np.append(firsts, count))
    shown = np.zeros(len(firsts), np.intp)
    shown[evenly(len(firsts), min(budget, len(firsts)))] = 1
    while shown.sum() < budget:
        shown[(lengths / shown).argmax()] += 1
    return np.concatenate([first + evenly(int(n), int(k)) for first, n, k in zip(firsts, lengths, shown, strict=True)])


@dataclass(kw_only=True)
class Shots(ScoredSelector):
    """Frames spread over the shots of the video."""

    name = "shots"

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The rule of the file's head."""
        return over_shots(shots(looked.vectors), len(looked.times), budget)
