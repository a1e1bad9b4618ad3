"""Whether a grounder believes its own answer: asked of the window it named alone, and of another one as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, best_window, mean, sureness
from whenabouts.trust.chosen import by_moment, chosen_cases
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.video.part import Part

__all__ = ["OccurrenceProbe"]

FEWEST = 8  # queries of which a flaw is spoken
CHANCE = 0.6  # share of rightly ordered pairs at or below which it does not recognise its answers; ours
SHORTEST = 0.5  # seconds of a window that is looked at alone


@dataclass(frozen=True)
class OccurrenceProbe(Probe):
    """Asks the query of the answered window alone and of the farthest other window of the same length.

    The paper asks a language model yes or no in words (H-Verify); here `presence`, or the best moment's score where
    there is none, must be higher in the window that was named.

    most: queries, at most, chosen by seed
    """

    name: ClassVar[str] = "occurrence"

    most: int = 12
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`recognised`: share of queries that are surer in the named window, ties one half; the mean of both scores."""
        asked, notes = chosen_cases(cases, self.most, self.seed)
        remarks = list(notes)
        windows = [_apart(c, best_window(a)) for c, a in zip(asked, answers_to(grounder, asked), strict=True)]
        passed = sum(not len(pair) for pair in windows)
        own, other = list[float](), list[float]()
        groups = by_moment(asked, windows)
        for done, group in enumerate(groups, 1):
            for (start, end), scores in zip(windows[group[0]].tolist(), (own, other), strict=True):
                alone = Part(asked[group[0]].video, start, end)
                scores.extend(map(sureness, answers_to(grounder, [Case(alone, asked[n].query) for n in group])))
            if progress:
                progress("asking of windows alone", done / len(groups))
        if passed:
            remarks.append(f"{passed} queries were not answered, or by more than half of their video, and passed over")
        if not own:
            return Finding(self.name, notes=tuple(remarks))
        wins = [float(a > b) + 0.5 * (a == b) for a, b in zip(own, other, strict=True)]
        figures = {"queries": float(len(own)), "recognised": mean(wins), "own": mean(own), "other": mean(other)}
        return Finding(self.name, figures, flaws=_flaws(wins), notes=tuple(remarks))


def _apart(case: Case, window: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 2) the window (1, 2) and another as long; (0, 2) where there is no room, or nothing to look at."""
    if not len(window) or window[0, 1] - window[0, 0] < SHORTEST:
        return np.zeros((0, 2))
    start, end = window[0].tolist()
    elsewhere = 0.0 if start > case.video.duration - end else case.video.duration - (end - start)
    return np.array([[start, end], [elsewhere, elsewhere + end - start]])[: 2 * (abs(elsewhere - start) >= end - start)]


def _flaws(wins: Sequence[float]) -> tuple[Flaw, ...]:
    if len(wins) < FEWEST or mean(wins) > CHANCE:
        return ()
    told = f"Shown {len(wins)} windows that it named, it is surer of {mean(wins):.0%} than of others; half is chance."
    return (Flaw("doubts-own-answers", told),)
