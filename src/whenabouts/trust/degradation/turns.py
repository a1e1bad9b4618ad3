"""A query asked again and again, of windows of its video of which some in the middle are degraded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.synthetic.degradation import Degraded
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean, overlap
from whenabouts.trust.probe import Case
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edit, Edited

__all__ = ["Turns", "sequence", "windows_around"]

Windows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turns:
    """What came of one sequence of windows: clean ones, degraded ones, clean ones again.

    right:   of each turn, whether its answer was
    before:  how many turns were clean at first, and `during` how many were degraded then
    same:    tIoU of each answer with the one before, both on the clock of the video
    """

    query: str
    kind: str
    severity: int
    right: tuple[bool, ...]
    before: int
    during: int
    same: tuple[float, ...]

    @property
    def hurt(self) -> bool:
        """Right in the last window before, wrong in the last degraded one."""
        return self.right[self.before - 1] and not self.right[self.before + self.during - 1]

    @property
    def after(self) -> tuple[bool, ...]:
        """Whether the answers to the clean windows after were right."""
        return self.right[self.before + self.during :]

    @property
    def recovery(self) -> int | None:
        """Clean windows after the degraded ones until an answer is right, 0 for the first; None for never."""
        return self.after.index(True) if True in self.after else None

    @property
    def consistency(self) -> float:
        """Mean tIoU of consecutive answers."""
        return mean(self.same)


def windows_around(video: Video, truth: Windows, seconds: float, count: int) -> list[Edited] | None:
    """`count` windows of a video that hold its first true moment and slide over it from late to early.

    Each lasts `seconds`, three times the moment where that is longer, or all of the video where that is shorter.
    None where the moment fills its video, so that there is nothing around it.
    """
    start, end = (float(np.clip(edge, 0, video.duration)) for edge in truth[0])
    length = min(video.duration, max(seconds, 3 * (end - start)))
    low, high = max(0.0, end - length), min(start, video.duration - length)
    if not 0 < end - start < length or low > high:
        return None
    return [_window(video, first, first + length) for first in np.linspace(low, high, count).tolist()]


def sequence(
    grounder: Grounder,
    windows: Sequence[Edited],
    queries: Sequence[str],
    truth: Windows,
    kind: str,
    severity: int,
    shape: tuple[int, int],
    seed: int,
) -> list[Turns]:
    """Asks the windows one after the other, as a grounder that remembers would see them; what came of each query.

    shape: so many clean windows first, so many degraded ones then; the rest is clean
    """
    before, during = shape
    right: list[list[bool]] = [[] for _ in queries]
    mapped: list[list[Windows]] = [[] for _ in queries]
    for number, window in enumerate(windows):
        bad = before <= number < before + during
        shown: Video = Degraded(window, kind, severity, seed=seed) if bad else window
        for answer, found, places in zip(
            answers_to(grounder, [Case(shown, query) for query in queries]), right, mapped, strict=True
        ):
            given = best_window(answer)
            found.append(overlap(given, window.time_map.windows(truth)) >= RIGHT)
            places.append(window.time_map.inverse.windows(given))
    return [
        Turns(
            query,
            kind,
            severity,
            tuple(found),
            before,
            during,
            tuple(overlap(one, other) for one, other in zip(places[1:], places, strict=False)),
        )
        for query, found, places in zip(queries, right, mapped, strict=True)
    ]


def _window(video: Video, start: float, end: float) -> Edited:
    edits: list[Edit] = [Cut(end, video.duration)] if end < video.duration else []
    return Edited(video, [*edits, Cut(0.0, start)] if start > 0 else edits)
