"""The shortlist: stretches of a video worth looking at closely, from frames at a low rate and moments known.

A stretch is on it because its curve stands out as a moment's does (`evidence.boundaries`), so a query that one stretch
answers clearly has one region, and one that many answer a little has many. On an hour of `synthetic.long_video` the
highest pictures with what surrounds them needed twice as many seconds of regions to hold as many events.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.features import Features, kept_features, video_features
from whenabouts.evidence.blocks import blocks
from whenabouts.evidence.boundaries import Segment, segments, shots
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.grounders.search.budget import Budget
from whenabouts.moment import Moment
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["Region", "Retriever", "Shortlist", "Whole", "joined"]

SHORTLIST_FPS = 0.5  # frames per second that are enough to find a region
REGIONS = 48  # per query; where one stretch answers clearly there are fewer
CONTEXT = 5.0  # seconds
READING = 0.5  # share of a budget that goes into reading the video, so that as much is left for looking closely
ALL = 0.99  # of the frames of a video; damaged videos lack some
BLOCK = 20.0  # seconds; regions consist of whole blocks
MAX_REGION_SECONDS = 120.0


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
            curves = Likeness.of(self.encoder, cache=self.cache).curves(texts, frames.half)
        else:
            curves = np.concatenate([texts @ block.T for block in blocks(frames.half)], axis=1)
        gaps = np.flatnonzero(np.diff(frames.times) > 1.5 / rate) + 1
        cuts = np.union1d(shots(frames.half), gaps)
        starts, ends = frames.times - 0.5 / rate, frames.times + 0.5 / rate
        return [
            self._fused(
                [(starts[i], ends[j - 1], peak) for i, j, peak in apart(segments(curve, cuts), gaps)],
                float(curve.min()),
                self.known.get(query, ()),
                video.duration,
            )
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
        frames = kept_features(video, self.encoder, fps=rate) if timed and self.cache else None
        if frames is None:
            frames = video_features(video, self.encoder, fps=rate, cache=self.cache, progress=progress, enough=enough)
        if budget is not None:
            budget.looked += len(frames.times)
            if timed and (share := len(frames.times) / max(1.0, rate * video.duration)) < ALL:
                self.notes.append(f"the budget of {budget.seconds:g} s: {share:.0%} of the video was read")
        return frames

    def _fused(
        self,
        seen: Sequence[tuple[float, float, float]],
        low: float,
        known: Sequence[Moment],
        duration: float,
    ) -> list[Region]:
        """Regions around what was seen, with its height over `low`, and around known moments, by probability."""
        calibration = CALIBRATION.get(self.encoder.name)
        high = max((peak for *_, peak in seen), default=low)
        found = [(moment.start, moment.end, moment.score) for moment in known[: self.most]]
        for start, end, peak in seen:
            score = calibration.probability(peak) if calibration else (peak - low) / max(high - low, 1e-12)
            found.append((float(start), float(end), score))
        return joined(found, self.context, duration)[: self.most]


@dataclass(frozen=True, slots=True)
class Whole:
    """A retriever for what looks so cheaply that the whole video is the one region."""

    def regions(self, video: Video, queries: Sequence[str], progress: Fraction | None = None) -> list[list[Region]]:
        """The whole video, for each query."""
        return [[Region(0.0, video.duration, 1.0)] for _ in queries]


def apart(found: Sequence[Segment], gaps: NDArray[np.intp]) -> list[Segment]:
    """Segments none of which reaches over a gap, before the frames numbered so; a part keeps the height of the whole.

    >>> apart([Segment(2, 6, 0.5)], np.array([4]))
    [Segment(first=2, last=4, peak=0.5), Segment(first=4, last=6, peak=0.5)]
    """
    parts = []
    for first, last, peak in found:
        ends = [first, *gaps[(first < gaps) & (gaps < last)].tolist(), last]
        parts += [Segment(i, j, peak) for i, j in pairwise(ends)]
    return parts


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
