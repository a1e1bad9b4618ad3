"""`Delta`: how two systems differ in one figure, in numbers and in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from whenabouts.metrics.bootstrap import Interval
from whenabouts.metrics.clustered import PairedT, clustered_stderr, paired_t
from whenabouts.metrics.mcnemar import McNemar, mcnemar
from whenabouts.metrics.paired import Difference, Pair
from whenabouts.metrics.student import t_quantile

__all__ = ["LEVEL", "Delta", "delta", "interval", "points"]

LEVEL = 0.05  # p up to which a difference is told
POWER = 0.8  # chance with which a difference of the smallest size is shown


@dataclass(frozen=True, slots=True)
class Delta:
    """A figure of two systems; shares are in [0, 1].

    difference: with intervals over videos, and p of swapping whole videos
    p:          that p, corrected where several systems are compared with the first
    stderr:     of second − first, clustered by video, and t: the paired t test of lmms-eval, of single queries
    smallest:   the least difference that these queries show with a chance of 80 %; None where no query differs
    mcnemar:    of hits and misses, with the queries that one system alone hits; None for other figures
    blind:      of the best answers that never look at the video, where they are known
    """

    figure: str
    difference: Difference
    p: float
    stderr: float = math.nan
    t: PairedT | None = None
    smallest: float | None = None
    mcnemar: McNemar | None = None
    gained: int | None = None
    lost: int | None = None
    blind: float | None = None

    @property
    def sign(self) -> int:
        """1 where the second is better, −1 where the first is, 0 where nothing can be told."""
        low, high = self.difference.delta[1:]
        return 0 if self.p > LEVEL or low <= 0 <= high else 1 if low > 0 else -1

    def agrees(self, other: Delta) -> bool:
        """Whether the same is told, and the other difference is within this one's interval."""
        low, high = self.difference.delta[1:]
        return self.sign == other.sign and low <= other.difference.delta.mean <= high

    def told(self, first: str, second: str) -> str:
        """The difference in a sentence."""
        mean, low, high = (100 * value for value in self.difference.delta)
        if self.sign > 0:
            return f"{second} is better than {first} at {self.figure} by {mean:.1f} points ({low:.1f} to {high:.1f})"
        if self.sign < 0:
            return f"{first} is better than {second} at {self.figure} by {-mean:.1f} points ({-high:.1f} to {-low:.1f})"
        if not self.difference.differing:
            return f"at {self.figure} {first} and {second} get the same from every query"
        span = f"{second} has {mean:+.1f} points ({low:.1f} to {high:.1f}) against {first}"
        if self.smallest is None:
            return f"at {self.figure} nothing can be told: {span}"
        shows = f"this split shows a true difference of {100 * self.smallest:.1f} points four times in five"
        return f"at {self.figure} nothing can be told: {span}; {shows}"

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values, in points."""
        d = self.difference
        return {
            "figure": self.figure,
            "first": interval(d.first),
            "second": interval(d.second),
            "delta": interval(d.delta),
            "p": d.p,
            "p_corrected": self.p,
            "better": {1: "second", -1: "first", 0: None}[self.sign],
            "queries": d.queries,
            "videos": d.videos,
            "differing": d.differing,
            "stderr_clustered": points(self.stderr),
            "smallest_difference": points(self.smallest),
            "blind": points(self.blind),
            "mcnemar": None
            if self.mcnemar is None
            else {"exact": self.mcnemar.exact, "mid_p": self.mcnemar.mid, "gained": self.gained, "lost": self.lost},
            "t_test": None if self.t is None else _t(self.t),
        }


def delta(
    figure: str, pair: Pair, difference: Difference, videos: Sequence[str], p: float, blind: float | None = None
) -> Delta:
    """All that is known of a figure, from the values of its queries; NaN where a query does not count."""
    known = ~np.isnan(pair[0])
    first, second = pair[0][known], pair[1][known]
    inside = [video for video, kept in zip(videos, known, strict=True) if kept]
    stderr = clustered_stderr(second - first, inside)
    smallest = None
    if difference.videos > 1 and stderr > 0:
        smallest = (t_quantile(1 - LEVEL / 2, difference.videos - 1) + NormalDist().inv_cdf(POWER)) * stderr
    hits: dict[str, Any] = {}
    if set(np.unique([first, second])) <= {0.0, 1.0}:
        gained, lost = int((second > first).sum()), int((first > second).sum())
        hits = {"mcnemar": mcnemar(lost, gained), "gained": gained, "lost": lost}
    return Delta(figure, difference, p, stderr, paired_t(first, second), smallest, blind=blind, **hits)


def interval(of: Interval) -> dict[str, float]:
    """A share with its bounds, in points."""
    return {"score": 100 * of.mean, "low": 100 * of.low, "high": 100 * of.high}


def points(share: float | None) -> float | None:
    """A share in points; None for none and for NaN."""
    return None if share is None or math.isnan(share) else 100 * share


def _t(test: PairedT) -> dict[str, float | None]:
    finite = {name: value if math.isfinite(value) else None for name, value in test._asdict().items()}
    return finite | {name: points(finite[name]) for name in ("mean", "stderr", "low", "high")}
