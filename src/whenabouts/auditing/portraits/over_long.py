"""Answers that know where the moment is and are too long, so that they hold it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from whenabouts.auditing.portraits.first_verb import follows_word
from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.hedger import SHORT, hedges
from whenabouts.auditing.portraits.known import PLACED, known_places
from whenabouts.auditing.portraits.portrait import FEWEST, Portrait, Trait, surely_above

__all__ = ["OverLong"]

LONG = 1.4  # times the true length


class OverLong(Portrait):
    """Most answers to moments of half a video or less are 1.4 times as long or more, and lie where it is.

    Nearly the whole video is left to `hedger`, and what follows from verbs or the prior to these.
    """

    name: ClassVar[str] = "over-long"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where the lower bound of their share is above one half, and their centres follow the truth."""
        short = windows.take(windows.true_length <= SHORT * windows.duration)
        if len(short) < FEWEST or hedges(windows) or follows_word(windows):
            return None
        times = short.length / short.true_length
        long = surely_above(0.5, times >= LONG, short.videos)
        if long is None:
            return None
        if known_places(short.take(times >= LONG)) <= PLACED:
            return None
        held = np.minimum(short.given[:, 1], short.truth[:, 1]) - np.maximum(short.given[:, 0], short.truth[:, 0])
        covered = float((held >= 0.9 * short.true_length).mean())
        middle = float(np.median(times))
        return Trait(
            self.name,
            f"{long.mean:.0%} of the answers to moments of half a video or less (95 % at least {long.low:.0%}) are "
            f"{LONG:g} times as long or more, {middle:.1f} times in the median; {covered:.0%} hold the whole moment",
            {"long": long.mean, "long low": long.low, "length by truth": middle, "hold the moment": covered},
        )
