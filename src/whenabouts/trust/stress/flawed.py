"""Grounders with one known flaw each, made of an honest one: they show whether the probes see what they should."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from whenabouts.evidence.subtitles import subtitles
from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

__all__ = ["FLAWED", "AlwaysAnswers", "CopiesPrior", "OneFrame", "Random", "SubtitlesOnly", "WholeVideo"]

SURE = 0.9
PRIOR = (0.35, 0.55)  # of the video
AROUND = 0.1  # of the video, on either side of the one frame
LIKE = 0.5  # share of the words of a query that a line must have


class _Flawed:
    """A grounder made of another one, `honest`."""

    whole = True  # queries go to the other grounder as they are

    def __init__(self, honest: Grounder) -> None:
        self.honest = honest


class AlwaysAnswers(_Flawed):
    """Answers everything with the same certainty; its moments are those of the honest one."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The best moments, all present."""
        answers = self.honest.ground(video, queries)
        return [_placed(a, *(a.best.start, a.best.end) if a.best else (0.0, a.duration), SURE) for a in answers]


class WholeVideo(_Flawed):
    """Hedges: it knows what happens, and answers with all of the video."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The whole video, with the presence of the honest one."""
        return [_placed(a, 0.0, a.duration) for a in self.honest.ground(video, queries)]


class CopiesPrior(_Flawed):
    """Knows what happens, and answers with where moments usually lie."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The same share of every video, with the presence of the honest one."""
        low, high = PRIOR
        return [_placed(a, low * a.duration, high * a.duration) for a in self.honest.ground(video, queries)]


class OneFrame(_Flawed):
    """Looks at the middle frame alone, and answers with its surroundings."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """A fifth of the video around its middle, as present as that frame shows it."""
        middle = video.duration / 2
        [frame] = video.at([middle])
        blank = np.zeros_like(frame.image)  # before and after, for an honest one that compares pictures
        alone = InMemoryVideo([Frame(0.0, blank), Frame(1.0, frame.image), Frame(2.0, blank)], 0.0, 3.0)
        around = AROUND * video.duration
        return [
            replace(_placed(a, middle - around, middle + around), duration=video.duration)
            for a in self.honest.ground(alone, queries)
        ]


class SubtitlesOnly(_Flawed):
    """Reads the subtitles, and answers with the line that has most words of the query."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The best line, if it has half of the words."""
        lines = [(line.start, line.end, _words(line.text)) for line in subtitles(video)]
        return [self._best(query, lines, video.duration) for query in queries]

    def _best(self, query: str, lines: Sequence[tuple[float, float, set[str]]], duration: float) -> Prediction:
        asked = _words(query)
        found = max(((len(asked & words) / max(1, len(asked)), a, b) for a, b, words in lines), default=None)
        if found is None or found[0] < LIKE:
            return Prediction(query, (), duration, presence=0.0)
        share, start, end = found
        return Prediction(query, (Moment(start, end, share),), duration, presence=share)


class Random(_Flawed):
    """Answers with a window and a presence that are drawn from the hash of the video and the query."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The same for the same question."""
        return [self._drawn(query, video) for query in queries]

    def _drawn(self, query: str, video: Video) -> Prediction:
        digest = hashlib.sha256(f"{video.sha256} {query}".encode()).digest()
        a, b, presence = (int.from_bytes(digest[i : i + 4], "big") / 2**32 for i in (0, 4, 8))
        start, end = sorted((a * video.duration, b * video.duration))
        return Prediction(query, (Moment(start, end + 1e-3, presence),), video.duration, presence=presence)


FLAWED: dict[str, Callable[[Grounder], Grounder]] = {
    "always-answers": AlwaysAnswers,
    "whole-video": WholeVideo,
    "copies-prior": CopiesPrior,
    "one-frame": OneFrame,
    "subtitles-only": SubtitlesOnly,
    "random": Random,
}


def _placed(answer: Prediction, start: float, end: float, presence: float | None = None) -> Prediction:
    sure = answer.presence if presence is None else presence
    return replace(answer, moments=(Moment(start, end, 1.0 if sure is None else sure),), presence=sure, saliency=None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
