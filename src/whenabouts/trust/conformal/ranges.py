"""`Ranges`: how far from the start and the end of a best moment the true ones are, with a stated coverage.

What is promised: of a video drawn like those that were calibrated on, and one query drawn from those that happen in it,
the true start and end of its nearest true moment both lie within the ranges of the best moment, with a probability of
at least the coverage. The probability is over videos, the calibrating ones too. It is not one for each query, not one
for the queries of one kind, and not one for those that are answered when others are left unanswered; and it counts the
queries whose moment was missed altogether, so that ranges are as wide as misses are common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.trust.answered import Answered
from whenabouts.trust.conformal.quantile import hierarchical_quantile, videos_needed

__all__ = ["FLOOR", "Band", "Ranges", "Rule", "Scale"]

FLOOR = 1.0  # seconds: a shorter moment counts as one of this length; ours
BANDS = 3  # at most so many bands of lengths, ...
VIDEOS = 60  # ... each of at least so many videos, since few make ranges wider than promised; both ours

Rule = Literal["joint", "bonferroni"]
Scale = Literal["video", "moment"]


@dataclass(frozen=True, slots=True)
class Band:
    """Videos of at most `until` seconds, None for all that are longer; and radii per second of the scale."""

    until: float | None
    start: float
    end: float

    def __post_init__(self) -> None:
        if not (0 <= self.start < math.inf and 0 <= self.end < math.inf):
            raise InputError(f"a radius is finite and not negative, unlike {self.start:g}, {self.end:g}")


@dataclass(frozen=True, slots=True)
class Ranges:
    """Radii of ranges, by the length of the video.

    scale:  what a radius is a multiple of. "video" is its duration: how far off a moment is that was missed grows with
            it, so that this covers short and long videos alike where misses are more common than 1 − coverage.
            "moment" is the length of the best moment, for models that seldom miss
    rule:   "joint" has one radius, so that the larger error of the two keeps within it; "bonferroni" one for each end,
            which may be wrong half as often each
    floor:  seconds that a moment counts as at least, with the scale "moment"
    bands:  by rising length of video, the last without a bound (Mondrian: each keeps the coverage by itself)
    longest: seconds of the longest video that was calibrated on

    Raises InputError for bands in another order.
    """

    coverage: float
    rule: Rule
    scale: Scale
    floor: float
    bands: tuple[Band, ...]
    longest: float

    def __post_init__(self) -> None:
        bounds = [band.until for band in self.bands]
        inner = [bound for bound in bounds if bound is not None]
        if not bounds or bounds[-1] is not None or None in bounds[:-1] or inner != sorted(set(inner)):
            raise InputError("bands of ranges stand by rising length, and only the last is without a bound")
        if not (0 < self.coverage < 1 and 0 < self.floor < math.inf):
            raise InputError("ranges have a coverage between 0 and 1, and a floor above 0 s")

    @classmethod
    def fit(
        cls,
        answers: Sequence[Answered],
        coverage: float,
        *,
        rule: Rule = "joint",
        scale: Scale = "video",
        floor: float = FLOOR,
        bands: int | None = None,
    ) -> Ranges:
        """From the answers to queries that happen; a band has `VIDEOS` videos or more unless `bands` says how many.

        Raises InputError where there are too few videos, or too many queries without a moment, for finite ranges.
        """
        present = [one for one in answers if one.happens]
        lengths = {one.video: one.duration for one in present}
        share = coverage if rule == "joint" else 1 - (1 - coverage) / 2
        if len(lengths) < (needed := videos_needed(share)):
            raise InputError(
                f"ranges of {coverage:.0%} coverage need {needed} videos with queries that happen, and there are "
                f"{len(lengths)}; add videos or ask for less"
            )
        wanted = bands or min(BANDS, max(1, len(lengths) // VIDEOS))
        bounds = _bounds(np.array(list(lengths.values())), wanted, needed if bands else max(needed, VIDEOS))
        fitted = [
            _band([one for one in present if low < one.duration <= high], high, coverage, rule, scale, floor)
            for low, high in zip([-math.inf, *bounds], [*bounds, math.inf], strict=True)
        ]
        return cls(coverage, rule, scale, floor, tuple(fitted), max(lengths.values()))

    def radii(self, duration: float, start: float, end: float) -> tuple[float, float]:
        """Seconds either way of a moment's start and end, no further than to the ends of a video of `duration`."""
        band = next(band for band in self.bands if band.until is None or duration <= band.until)
        size = _size(self.scale, self.floor, duration, start, end)
        reach = (max(t, duration - t, 0.0) for t in (start, end))
        return tuple(min(r * size, far) for r, far in zip((band.start, band.end), reach, strict=True))  # type: ignore[return-value]

    def covers(self, answer: Answered) -> bool:
        """Whether the ranges of the best moment hold the true start and end. Raises ValueError where there are none."""
        errors = answer.errors
        if answer.best is None:
            return False
        radii = self.radii(answer.duration, *answer.best[:2])
        return all(error <= radius + 1e-9 for error, radius in zip(errors, radii, strict=True))


def _bounds(lengths: NDArray[np.float64], bands: int, least: int) -> list[float]:
    """Lengths that part videos in at most so many bands of as many as possible alike, and `least` videos or more."""
    bounds: list[float] = []
    below = 0
    for bound in np.unique(np.quantile(lengths, np.arange(1, bands) / bands, method="inverted_cdf")):
        upto = int((lengths <= bound).sum())  # videos of one length are never parted
        if upto - below >= least and len(lengths) - upto >= least:
            bounds.append(float(bound))
            below = upto
    return bounds


def _size(scale: Scale, floor: float, duration: float, start: float, end: float) -> float:
    """What a radius is a multiple of, in seconds."""
    return duration if scale == "video" else max(end - start, floor)


def _band(present: Sequence[Answered], until: float, coverage: float, rule: Rule, scale: Scale, floor: float) -> Band:
    ends = [(0.0, 0.0) if one.best is None else one.best[:2] for one in present]
    sizes = [_size(scale, floor, one.duration, *each) for one, each in zip(present, ends, strict=True)]
    scores = np.array([one.errors for one in present]) / np.array(sizes)[:, None]
    videos = [one.video for one in present]
    if rule == "joint":
        start = end = hierarchical_quantile(scores.max(axis=1), videos, coverage)
    else:
        start, end = (hierarchical_quantile(column, videos, 1 - (1 - coverage) / 2) for column in scores.T)
    if math.isinf(max(start, end)):
        silent = np.isinf(scores[:, 0]).mean()
        raise InputError(
            f"no finite range has {coverage:.0%} coverage: {len(set(videos))} videos of a like length, and "
            f"{silent:.0%} of their queries that happen got no moment; add videos or ask for less"
        )
    return Band(None if math.isinf(until) else until, start, end)
