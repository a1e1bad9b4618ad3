"""Hierarchical windows: long ones first, and shorter ones only inside those that promise most.

A video of T seconds has 2 T / L half-overlapping windows of L seconds. Where each look is dear, as with a
video-language model, it pays to look at the long ones and to divide only the best: at most
2 T / longest + 3 beam log2(longest / shortest) looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whenabouts.grounders.search.regions import Region
from whenabouts.grounders.search.verify import Verifier
from whenabouts.moment import Moment
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["Windows"]

Window = tuple[float, float]  # seconds


@dataclass(frozen=True, slots=True)
class Windows:
    """A retriever that asks a verifier about windows.

    longest, shortest: seconds of the windows of the first and the last level; each level halves them
    beam: windows divided at each level        most: regions per query
    """

    verifier: Verifier
    longest: float = 480.0
    shortest: float = 30.0
    beam: int = 4
    most: int = 6

    def regions(self, video: Video, queries: Sequence[str], progress: Fraction | None = None) -> list[list[Region]]:
        """For each query the best windows of the last level that do not overlap, best first."""
        found = []
        for number, query in enumerate(queries, start=1):
            found.append(self._descend(video, query))
            if progress:
                progress(number / len(queries))
        return found

    def _descend(self, video: Video, query: str) -> list[Region]:
        length = min(self.longest, video.duration)
        windows = _covering(video.duration, length)
        while True:
            candidates = [Moment(start, end, 1.0) for start, end in windows]
            scores = self.verifier.verify(video, query, candidates)
            ranked = sorted(zip(scores, windows, strict=True), key=lambda one: (-one[0], one[1]))
            if length / 2 < self.shortest:
                return _apart(ranked)[: self.most]
            length /= 2
            windows = sorted({half for _, window in ranked[: self.beam] for half in _halves(window)})


def _covering(duration: float, length: float) -> list[Window]:
    """Windows of `length` seconds from 0 to the end, each half over the one before; the last ends with the video."""
    count = max(0, -int(-(duration - length) // (length / 2)))
    return [
        (min(k * length / 2, duration - length), min(k * length / 2, duration - length) + length)
        for k in range(count + 1)
    ]


def _halves(window: Window) -> list[Window]:
    start, end = window
    quarter = (end - start) / 4
    return [(start + k * quarter, start + (k + 2) * quarter) for k in range(3)]


def _apart(ranked: Sequence[tuple[float, Window]]) -> list[Region]:
    kept: list[Region] = []
    for score, (start, end) in ranked:
        if all(end <= other.start or other.end <= start for other in kept):
            kept.append(Region(start, end, score))
    return kept
