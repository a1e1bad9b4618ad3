"""How well answers are calibrated on videos that the calibrator was not fitted on, beside answers that know nothing.

Beside the calibrated answers stand the same answers as they came, and four that look at no video: one that gives every
query a presence of 1 (`always answer`), one that gives 0 (`always abstain`), one that gives the share of queries that
happen among those fitted on (`prior`), and one that draws a presence (`random`). All have the moments of the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.metrics.bootstrap import Interval
from whenabouts.metrics.calibration import brier, ece
from whenabouts.metrics.coverage import coverage, coverage_by_length
from whenabouts.metrics.presence import auroc, fpr_at_tpr, rejection_f1
from whenabouts.metrics.selective import accuracy_at_coverage, aurc, e_aurc
from whenabouts.trust.abstaining import given
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.conformal import Ranges

__all__ = ["EVEN", "HeldOut", "RangesHeldOut", "held_out", "parted"]

EVEN = 0.5  # the presence to abstain below where none was chosen

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class RangesHeldOut:
    """How often ranges held the true start and end of queries that happen, and how wide they were.

    by_length: by (shortest, longest) video in seconds
    width:     median radius in seconds, and as a share of the video; of queries with a moment
    answered:  coverage and median radius among queries that happen and are answered, of which nothing is promised
    """

    coverage: Interval
    by_length: Mapping[tuple[float, float], Interval]
    width: tuple[float, float]
    answered: tuple[float, float]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures by name, by who answers: `calibrated`, `as it came` where there is a presence, and the four baselines."""

    figures: Mapping[str, Figures]
    ranges: RangesHeldOut | None
    videos: int
    queries: int
    abstain: float = EVEN

    def to_dict(self) -> dict[str, Any]:
        """The figures as a file of JSON holds them; NaN where there is none."""
        found = self.ranges
        return {
            "videos": self.videos,
            "queries": self.queries,
            "abstain": self.abstain,
            "figures": {name: dict(figures) for name, figures in self.figures.items()},
            "ranges": None
            if found is None
            else {
                "coverage": list(found.coverage),
                "by_length": [[*span, *held] for span, held in found.by_length.items()],
                "width": list(found.width),
                "answered": list(found.answered),
            },
        }


def parted(answers: Sequence[Answered], share: float, seed: int) -> tuple[list[Answered], list[Answered]]:
    """Answers on videos to fit on, and those on a `share` of the videos, held out; drawn by seed.

    Raises InputError where one of the two would be empty.
    """
    names = sorted({one.video for one in answers})
    count = round(len(names) * share)
    if not 0 < count < len(names):
        raise InputError(f"{share:.0%} of {len(names)} videos cannot be held out; add videos or change the share")
    out = {names[i] for i in np.random.default_rng(seed).permutation(len(names))[:count]}
    return [one for one in answers if one.video not in out], [one for one in answers if one.video in out]


def held_out(
    fitted: Sequence[Answered],
    tested: Sequence[Answered],
    presence: Presence,
    ranges: Ranges | None,
    abstain: float | None = None,
    *,
    seed: int = 0,
) -> HeldOut:
    """Figures of `tested`, of which `presence` and `ranges` have seen nothing. Raises InputError for no queries."""
    if not tested:
        raise InputError("there are no answers to measure calibration on")
    p = np.array([presence.probability(one) for one in tested])
    below = EVEN if abstain is None else abstain
    who: dict[str, NDArray[np.float64]] = {"calibrated": p}
    if all(one.presence is not None for one in tested):
        who["as it came"] = np.clip([one.presence or 0.0 for one in tested], 0, 1)
    prior = float(np.mean([one.happens for one in fitted]))
    who |= {"always answer": np.ones(len(p)), "always abstain": np.zeros(len(p)), "prior": np.full(len(p), prior)}
    who["random"] = np.random.default_rng(seed).random(len(p))
    figures = {name: _figures(tested, each, below) for name, each in who.items()}
    found = None if ranges is None else _ranges(tested, given(tested, p, below), ranges, seed)
    return HeldOut(figures, found, len({one.video for one in tested}), len(tested), below)


def _figures(answers: Sequence[Answered], presence: NDArray[np.float64], abstain: float) -> Figures:
    happens = np.array([one.happens for one in answers])
    right = np.array([one.right for one in answers])
    answered = given(answers, presence, abstain)
    return {
        "auroc": auroc(presence, happens),
        "ece": ece(presence, happens),
        "brier": brier(presence, happens),
        "fpr95": fpr_at_tpr(presence, happens),
        "aurc": aurc(presence, right),
        "e_aurc": e_aurc(presence, right),
        "accuracy@50": accuracy_at_coverage(presence, right, 0.5),
        "answered": float(answered.mean()),
        "accuracy": float(right[answered].mean()) if answered.any() else float("nan"),
        "rejection_f1": rejection_f1(~answered, happens),
    }


def _ranges(tested: Sequence[Answered], answered: NDArray[np.bool_], ranges: Ranges, seed: int) -> RangesHeldOut | None:
    present = [(one, bool(says)) for one, says in zip(tested, answered, strict=True) if one.happens]
    if not present:
        return None
    held = np.array([ranges.covers(one) for one, _ in present])
    videos, lengths = [one.video for one, _ in present], [one.duration for one, _ in present]
    radius = np.array(
        [np.nan if one.best is None else max(ranges.radii(one.duration, *one.best[:2])) for one, _ in present]
    )
    says = np.array([each for _, each in present])
    return RangesHeldOut(
        coverage(held, videos, seed=seed),
        coverage_by_length(held, videos, lengths, seed=seed),
        (_median(radius), _median(radius / np.array(lengths))),
        (float(held[says].mean()) if says.any() else float("nan"), _median(radius[says])),
    )


def _median(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")
