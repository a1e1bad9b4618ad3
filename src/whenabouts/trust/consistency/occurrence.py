"""Whether a grounder believes its own answer: asked of the window it named alone, and of another one as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from whenabouts.grounders.grounder import Grounder
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.judged import ask_one, best_window, chosen_cases, mean
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

    most: int = 40
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`recognised`: share of queries that are surer in the named window, ties one half; the mean of both scores."""
        asked, notes = chosen_cases(cases, self.most, self.seed)
        own, other = list[float](), list[float]()
        passed = 0
        for number, case in enumerate(asked):
            if progress:
                progress("asking of windows alone", (number + 1) / len(asked))
            window = best_window(ask_one(grounder, case.video, case.query))
            if not len(window) or window[0, 1] - window[0, 0] < SHORTEST:
                passed += 1
                continue
            start, length = float(window[0, 0]), float(window[0, 1] - window[0, 0])
            elsewhere = 0.0 if start > case.video.duration - float(window[0, 1]) else case.video.duration - length
            if abs(elsewhere - start) < length:
                passed += 1
                continue
            for at, scores in ((start, own), (elsewhere, other)):
                scores.append(_surety(ask_one(grounder, Part(case.video, at, at + length), case.query)))
        if passed:
            notes = (
                *notes,
                f"{passed} queries were not answered, or by more than half of their video, and passed over",
            )
        if not own:
            return Finding(self.name, notes=notes)
        wins = [float(a > b) + 0.5 * (a == b) for a, b in zip(own, other, strict=True)]
        figures = {"queries": float(len(own)), "recognised": mean(wins), "own": mean(own), "other": mean(other)}
        return Finding(self.name, figures, flaws=_flaws(wins), notes=notes)


def _surety(answer: Prediction) -> float:
    """The presence, else the best score; 0 without a moment."""
    if answer.presence is not None:
        return answer.presence
    return 0.0 if answer.best is None else answer.best.score


def _flaws(wins: Sequence[float]) -> tuple[Flaw, ...]:
    if len(wins) < FEWEST or mean(wins) > CHANCE:
        return ()
    told = f"Shown {len(wins)} windows that it named, it is surer of {mean(wins):.0%} than of others; half is chance."
    return (Flaw("doubts-own-answers", told),)
