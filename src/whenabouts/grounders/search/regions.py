"""The shortlist: stretches of a video worth looking at closely, from frames at a low rate and moments known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.features import Features, video_features
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.grounders.search.budget import Budget
from whenabouts.moment import Moment
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["Region", "Retriever", "Shortlist", "joined", "peaks"]

SHORTLIST_FPS = 0.5  # frames per second that are enough to find a region
REGIONS = 6  # per query
CONTEXT = 5.0  # seconds
READING = 0.5  # share of a budget that goes into reading the video, so that as much is left for looking closely
ALL = 0.99  # of the frames of a video; damaged videos lack some
BLOCK = 20.0  # seconds; regions consist of whole blocks
MAX_REGION_SECONDS = 120.0
NEAR = 0.7  # of the way from the median to a peak: what is as high belongs to it


@dataclass(frozen=True, slots=True)
class Region:
    """[start, end) in seconds with a score in [0, 1]."""

    start: float
    end: float
    score: float


class Retriever(Protocol):
    """Anything that names regions worth a closer look."""

    def regions(self, video: Video, queries: Sequence[str], progress: Fraction | None = None) -> list[list[Region]]:
        """For each query its regions, best first; they do not overlap."""
        ...


@dataclass(slots=True)
class Shortlist:
    """Look at a video once at a low rate and name the regions that answer best.

    encoder:  of frames and queries
    fps:      frames looked at per second of video
    most:     regions per query        context: seconds around what was found
    known:    moments that are known of a query already, by query: they make regions too
    budget:   half of it may go into reading: the video is then read here and there, or at a lower rate. `notes` say
              what was left out.
    """

    encoder: Encoder
    fps: float = SHORTLIST_FPS
    most: int = REGIONS
    context: float = CONTEXT
    known: Mapping[str, Sequence[Moment]] = field(default_factory=dict)
    cache: bool = True
    budget: Budget | None = None
    notes: list[str] = field(default_factory=list)

    def regions(self, video: Video, queries: Sequence[str], progress: Fraction | None = None) -> list[list[Region]]:
        """For each query its regions, best first; they do not overlap."""
        rate = self._rate(video)
        frames = self._read(video, rate, progress)
        texts = self.encoder.encode_texts(list(queries))
        if self.encoder.name in CALIBRATION:
            curves = Likeness.of(self.encoder, cache=self.cache).curves(texts, frames.vectors)
        else:
            curves = texts @ frames.vectors.T
        gaps = np.flatnonzero(np.diff(frames.times) > 1.5 / rate) + 1
        times = np.insert(frames.times, gaps, frames.times[gaps])
        return [
            self._fused(times, np.insert(curve, gaps, -np.inf), self.known.get(query, ()), video.duration)
            for query, curve in zip(queries, curves, strict=True)
        ]

    def _rate(self, video: Video) -> float:
        """Frames per second that the budget allows."""
        limit = self.budget.frames if self.budget else None
        if limit is None or READING * limit >= self.fps * video.duration:
            return self.fps
        self.notes.append(f"the budget of {limit} frames: the video was read at a lower rate")
        return max(1.0, READING * limit) / video.duration

    def _read(self, video: Video, rate: float, progress: Fraction | None) -> Features:
        budget = self.budget
        timed = budget is not None and budget.seconds is not None  # only time can run out while a video is read
        enough = (lambda: budget is not None and budget.spent(READING) is not None) if timed else None
        frames = video_features(video, self.encoder, fps=rate, cache=self.cache, progress=progress, enough=enough)
        if budget is not None:
            budget.looked += len(frames.times)
            if timed and (share := len(frames.times) / max(1.0, rate * video.duration)) < ALL:
                self.notes.append(f"the budget of {budget.seconds:g} s: {share:.0%} of the video was read")
        return frames

    def _fused(
        self, times: NDArray[np.float64], curve: NDArray[np.float32], known: Sequence[Moment], duration: float
    ) -> list[Region]:
        """Peaks of the curve and known moments, by probability; what overlaps a better region joins it."""
        calibration = CALIBRATION.get(self.encoder.name)
        finite = curve[np.isfinite(curve)]
        low, high = float(finite.min()), float(finite.max())
        found = [(moment.start, moment.end, moment.score) for moment in known[: self.most]]
        for first, last, peak in peaks(curve, self.most):
            score = calibration.probability(peak) if calibration else (peak - low) / max(high - low, 1e-12)
            found.append((float(times[first]), float(times[last]), score))
        return joined(found, self.context, duration)[: self.most]


def joined(found: Sequence[tuple[float, float, float]], context: float, duration: float) -> list[Region]:
    """Regions around stretches with scores, best first; what overlaps a better region joins it."""
    regions: list[Region] = []
    for start, end, score in sorted(found, key=lambda one: -one[2]):
        wide = _blocks(start - context, end + context, duration)
        twin = next((i for i, r in enumerate(regions) if wide[0] < r.end and r.start < wide[1]), None)
        if twin is None:
            regions.append(Region(*wide, score))
        elif max(regions[twin].end, wide[1]) - min(regions[twin].start, wide[0]) <= MAX_REGION_SECONDS:
            old = regions[twin]
            regions[twin] = Region(min(old.start, wide[0]), max(old.end, wide[1]), old.score)
    return regions


def _blocks(start: float, end: float, duration: float) -> tuple[float, float]:
    """The whole blocks around a stretch, so that queries often share a region and its frames are read once."""
    first, last = math.floor(start / BLOCK) * BLOCK, math.ceil(end / BLOCK) * BLOCK
    return max(0.0, first), min(duration, last)


def peaks(curve: NDArray[np.float32], most: int) -> list[tuple[int, int, float]]:
    """The highest peaks of a curve (N,) with the first and last frame of what stands out around each, best first.

    -inf is where nothing is known; no peak reaches over it.
    """
    base = float(np.median(curve[np.isfinite(curve)]))
    free = np.ones(len(curve), bool)
    found: list[tuple[int, int, float]] = []
    for top in np.argsort(-curve, kind="stable").tolist():
        if len(found) == most or curve[top] <= base:
            break
        if not free[top]:
            continue
        level = base + NEAR * (float(curve[top]) - base)
        first = last = top
        while first > 0 and free[first - 1] and curve[first - 1] >= level:
            first -= 1
        while last + 1 < len(curve) and free[last + 1] and curve[last + 1] >= level:
            last += 1
        free[max(0, first - 1) : last + 2] = False
        found.append((first, last, float(curve[top])))
    return found
