"""Whether one thing decides all answers: they stay without the rest, and change without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from whenabouts.metrics.bootstrap import Interval
from whenabouts.prediction import Prediction
from whenabouts.trust.answers import same
from whenabouts.trust.flaws.bounds import share_interval, sign_test

__all__ = ["MOSTLY", "Decides", "decides"]

MOSTLY = 0.7  # of the answers, at least, must stay without the rest
CHANCE = 0.01  # of as many changes without it, where the rest matters as much


class Decides(NamedTuple):
    """How often answers stay without the rest, and how many change without the thing alone."""

    stay: Interval
    changed: int
    queries: int
    flawed: bool


def decides(
    plain: Sequence[Prediction],
    alone: Sequence[Prediction],
    without: Sequence[Prediction],
    videos: Sequence[object],
    *,
    counted: Sequence[int] | None = None,
) -> Decides:
    """Compares answers to the video, to the thing `alone`, and to all but it: `without`.

    Answers that never change, as those of a prior, are decided by nothing: only pairs of which one has changed count,
    in a sign test. `counted` are the answers whose staying counts; None is all.
    """
    stays = np.array([same(*pair) for pair in zip(plain, alone, strict=True)])
    holds = np.array([same(*pair) for pair in zip(plain, without, strict=True)])
    chosen = range(len(stays)) if counted is None else counted
    stay = share_interval(stays[list(chosen)], [videos[n] for n in chosen])
    changed = int((~holds).sum())
    chance = sign_test(int((stays & ~holds).sum()), int((~stays & holds).sum()))
    return Decides(stay, changed, len(stays), stay.low >= MOSTLY and chance <= CHANCE)
