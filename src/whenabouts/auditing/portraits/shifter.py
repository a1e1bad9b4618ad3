"""Answers beside the moment: as long as it and elsewhere, or always too early or too late."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.known import PLACED, known_lengths, known_places
from whenabouts.auditing.portraits.perfect import exact
from whenabouts.auditing.portraits.portrait import Portrait, Trait, surely_above

__all__ = ["Shifter"]

RIGHT = 0.2  # of how far the centre is off, that the length may be off to be right
SIDE = 0.75  # share of answers on one side of the truth
LEAST = 8  # answers away from the border, of which all would have to be shifted


class Shifter(Portrait):
    """Lengths are right where centres are not, or centres are off to one side and neither end is right.

    Only queries count of which neither answer nor truth touches the border of the video, which would cut a shift.
    """

    name: ClassVar[str] = "shifter"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where one of the two surely holds of most answers, and they know where or how long the moment is."""
        free = windows.take(windows.inside)
        if len(free) < LEAST or not (known_places(windows) or known_lengths(windows)):
            return None
        centre, length = free.errors.mean(axis=1), free.length - free.true_length
        off = ~exact(free)
        kept = off & (np.abs(length) <= RIGHT * np.abs(centre))
        late = float((centre > 0).mean())
        sided = off & ((centre > 0) == (late > 0.5))
        typical = float(np.median(centre))
        start, end = (float(each) for each in np.median(free.errors, axis=0))
        neither = min(abs(start), abs(end)) > RIGHT * abs(typical) and all(
            surely_above(0.5, (errors > 0) == (np.median(errors) > 0), free.videos) for errors in free.errors.T
        )
        beside = neither and 4 * abs(typical) >= float(np.median(np.abs(length))) and known_places(windows) > PLACED
        if not (surely_above(0.5, kept, free.videos) or (beside and surely_above(SIDE, sided, free.videos))):
            return None
        longer = float(np.median(free.length / free.true_length))
        shift = float(np.median(np.abs(centre)))
        side = f"{_said(start)}, ends {_said(end)} in the median; {late:.0%} of the answers lie late"
        return Trait(
            self.name,
            f"its answers are shifted by {shift:.1f} s and {longer:.2f} times as long as the moment, in the median: "
            f"starts are {side}",
            {"shift": shift, "start error": start, "end error": end, "late": late, "length by truth": longer}
            | {"length kept": float(kept.mean())},
        )


def _said(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'late' if seconds > 0 else 'early'}"
