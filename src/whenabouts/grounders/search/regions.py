"""The shortlist: stretches of a video worth looking at closely, from what is seen at a low rate and from words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.features import Features, video_features
from whenabouts.evidence import TimedText, gather, retrieve
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.grounders.search.budget import Budget
from whenabouts.moment import Evidence, Moment
from whenabouts.video import Video

__all__ = ["Region", "Retriever", "Shortlist", "peaks"]

Progress = Callable[[float], None]
READING = 0.5  # share of a budget that goes into reading the video, so that as much is left for looking closely


@dataclass(frozen=True, slots=True)
class Region:
    """[start, end) in seconds with a score in [0, 1], and the `lines` in it that answer, as moments."""

    start: float
    end: float
    score: float
    lines: tuple[Moment, ...] = ()


class Retriever(Protocol):
    """Anything that names regions worth a closer look."""

    def regions(self, video: Video, queries: Sequence[str], progress: Progress | None = None) -> list[list[Region]]:
        """For each query its regions, best first; they do not overlap."""
        ...


@dataclass(slots=True)
class Shortlist:
    """Read a video once and name the regions that answer best.

    encoder: what sees        fps: frames looked at per second of video
    most:    regions per query        context: seconds around what was found
    words:   whether subtitles, speech and text on screen count
    budget:  half of it may go into reading: the video is then read here and there, or at a lower rate, and of words
             only subtitles. `notes` say what was left out.
    """

    encoder: Encoder
    fps: float = 0.5
    most: int = 6
    context: float = 5.0
    words: bool = True
    speech_model: str | None = None
    cache: bool = True
    budget: Budget | None = None
    notes: list[str] = field(default_factory=list)

    def regions(self, video: Video, queries: Sequence[str], progress: Progress | None = None) -> list[list[Region]]:
        """For each query its regions, best first; they do not overlap."""
        rate = self._rate(video)
        frames = self._read(video, rate, progress)
        curves = self.encoder.encode_texts(list(queries)) @ frames.vectors.T
        answers = self._lines(video, queries)
        gaps = np.flatnonzero(np.diff(frames.times) > 1.5 / rate) + 1
        times = np.insert(frames.times, gaps, frames.times[gaps])
        return [
            self._fused(times, np.insert(curve, gaps, -np.inf), lines, video.duration)
            for curve, lines in zip(curves, answers, strict=True)
        ]

    def _rate(self, video: Video) -> float:
        """Frames per second that the budget allows."""
        limit = self.budget.frames if self.budget else None
        if limit is None or READING * limit >= self.fps * video.duration:
            return self.fps
        self.notes.append(f"the budget of {limit} frames: the video was read at a lower rate")
        return max(1.0, READING * limit) / video.duration

    def _read(self, video: Video, rate: float, progress: Progress | None) -> Features:
        budget = self.budget
        timed = budget is not None and budget.seconds is not None  # only time can run out while a video is read
        enough = (lambda: budget is not None and budget.spent(READING) is not None) if timed else None
        frames = video_features(video, self.encoder, fps=rate, cache=self.cache, progress=progress, enough=enough)
        if budget is not None:
            budget.looked += len(frames.times)
            if timed and (share := len(frames.times) / max(1.0, rate * video.duration)) < ALL:
                self.notes.append(f"the budget of {budget.seconds:g} s: {share:.0%} of the video was read")
        return frames

    def _lines(self, video: Video, queries: Sequence[str]) -> list[list[tuple[TimedText, float]]]:
        lines = self._told(video) if self.words else []
        if not lines:
            return [[] for _ in queries]
        from whenabouts.encoders.minilm import SentenceEncoder

        return retrieve(lines, queries, SentenceEncoder())

    def _told(self, video: Video) -> list[TimedText]:
        if self.budget is None:
            return gather(video, speech_model=self.speech_model, cache=self.cache)
        from whenabouts.evidence.subtitles import subtitles

        return subtitles(video)

    def _fused(
        self,
        times: NDArray[np.float64],
        curve: NDArray[np.float32],
        lines: Sequence[tuple[TimedText, float]],
        duration: float,
    ) -> list[Region]:
        """Peaks of the curve and lines that answer, by probability; what overlaps a better region joins it."""
        calibration = CALIBRATION.get(self.encoder.name)
        known = curve[np.isfinite(curve)]
        low, high = float(known.min()), float(known.max())
        found: list[tuple[float, float, float, Moment | None]] = []
        for first, last, peak in peaks(curve, self.most):
            score = calibration.probability(peak) if calibration else (peak - low) / max(high - low, 1e-12)
            found.append((float(times[first]), float(times[last]), score, None))
        for line, score in lines[: self.most]:
            if score >= LIKELY:
                evidence = Evidence(line.kind, line.start, line.end, line.text)
                found.append((line.start, line.end, score, Moment(line.start, line.end, score, (evidence,))))
        regions: list[Region] = []
        for start, end, score, moment in sorted(found, key=lambda one: -one[2]):
            wide = _blocks(start - self.context, end + self.context, duration)
            told = (moment,) if moment else ()
            twin = next((i for i, r in enumerate(regions) if wide[0] < r.end and r.start < wide[1]), None)
            if twin is None:
                regions.append(Region(*wide, score, told))
            elif max(regions[twin].end, wide[1]) - min(regions[twin].start, wide[0]) <= LONGEST:
                old = regions[twin]
                joined = Region(min(old.start, wide[0]), max(old.end, wide[1]), old.score, old.lines + told)
                regions[twin] = joined
        return regions[: self.most]


def _blocks(start: float, end: float, duration: float) -> tuple[float, float]:
    """The whole blocks around a stretch, so that queries often share a region and its frames are read once."""
    first, last = math.floor(start / BLOCK) * BLOCK, math.ceil(end / BLOCK) * BLOCK
    return max(0.0, first), min(duration, last)


BLOCK = 20.0  # seconds
ALL = 0.99  # of the frames of a video; damaged videos lack some
LIKELY = 0.5  # a line of text below this probability opens no region
LONGEST = 120.0  # seconds; regions do not grow beyond
NEAR = 0.7  # of the way from the median to a peak: what is as high belongs to it


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
