"""Videos of plain colours, and grounders that see them or do not: what probes must tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.trust.probe import Case
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220), "grey": (120, 120, 120)}


def coloured(path: Path, *shots: tuple[str, float]) -> Video:
    """A video of these colours, each for so many seconds, at 8 pictures per second."""
    stills = [Still(np.full((64, 96, 3), COLOURS[name], np.uint8), seconds, 1.0) for name, seconds in shots]
    compose(path, stills, size=(96, 64), rate=8)
    return Video(path)


def case(video: Video, colour: str, *truth: tuple[float, float]) -> Case:
    """When a colour is on show."""
    return Case(video, colour, np.array(truth, np.float64).reshape(-1, 2))


class Sees:
    """Answers with the longest stretch of the colour that a query names; presence says whether there is one."""

    whole = True

    def __init__(self) -> None:
        self.asked = 0

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Looks at eight pictures per second."""
        self.asked += len(queries)
        frames = list(video.sample(8))
        means = np.array([frame.image.reshape(-1, 3).mean(0) for frame in frames])
        return [self._answer(video, query, means) for query in queries]

    def _answer(self, video: Video, query: str, means: np.ndarray) -> Prediction:
        near = np.abs(means - np.array(COLOURS[query])).max(1) < 60
        edges = np.flatnonzero(np.diff(np.concatenate([[0], near, [0]]))).reshape(-1, 2)
        if not len(edges):
            return Prediction(query, (), video.duration, presence=0.0)
        start, end = max(edges.tolist(), key=lambda run: run[1] - run[0])
        return Prediction(query, (Moment(start / 8, min(end / 8, video.duration)),), video.duration, presence=0.95)


class Guesses:
    """Answers with the same share of every video, without looking."""

    whole = True

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Always sure."""
        moment = Moment(self.low * video.duration, self.high * video.duration)
        return [Prediction(query, (moment,), video.duration, presence=0.9) for query in queries]
