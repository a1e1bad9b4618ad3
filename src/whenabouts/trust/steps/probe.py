"""Whether the steps that an answer cites are there, and whether the answer depends on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answers import ask_one, best_window, mean, overlap
from whenabouts.trust.chosen import chosen_cases
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.trust.steps.cited import Step
from whenabouts.trust.steps.support import DRAWS, LEAST, Scorer, Seeing, Support, elsewhere, support
from whenabouts.trust.steps.trace import steps_of
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edited, Insert

__all__ = ["Judged", "StepsProbe"]

CLASSES = ("supported+used", "supported+ignored", "unsupported+used", "unsupported+ignored")
FEWEST = 5  # steps of which a flaw is spoken
MARGIN = 0.1  # of the Step Grounding Rate above chance, below which the steps might as well be made up; ours
IGNORED = 0.8  # share of the steps that change nothing, from which the answer does not come from them; ours


@dataclass(frozen=True, slots=True)
class Judged:
    """A step, its support, and the change of the answer, 1 - tIoU, when other pictures stand in its place."""

    query: str
    step: Step
    support: Support
    use: float
    used: bool

    @property
    def kind(self) -> str:
        """One of four."""
        return f"{'supported' if self.support.supported else 'unsupported'}+{'used' if self.used else 'ignored'}"


@dataclass(frozen=True)
class StepsProbe(Probe):
    """Checks and ablates every time that an answer cites in its words or in its trace.

    scorer: judges claims; it should be another model than the one that is asked
    each:   steps of an answer, at most; each costs one more answer
    most:   queries, at most, chosen by seed
    draws:  intervals of the same length that a step is compared with
    least:  standard deviations above them from which it is supported
    change: of the answer, 1 - tIoU, from which a step is used

    The stretch that takes the place of a cited one is another of the same video, drawn by seed. A query whose answer
    cites nothing is passed over.
    """

    name: ClassVar[str] = "steps"

    scorer: Scorer = field(default_factory=Seeing)
    each: int = 6
    most: int = 40
    draws: int = DRAWS
    least: float = LEAST
    change: float = 0.5
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """The Step Grounding Rate beside that of chance, and the share of each of four classes; a row a step."""
        asked, notes = chosen_cases(cases, self.most, self.seed)
        remarks, judged, silent, crowded = list(notes), list[Judged](), 0, 0
        for number, case in enumerate(asked):
            answer = ask_one(grounder, case.video, case.query)
            steps = steps_of(answer)
            silent += not steps
            given = best_window(answer)
            for step in steps[: self.each]:
                one = self._judged(grounder, case, step, given)
                judged += [one] if one else []
                crowded += one is None
            if progress:
                progress("checking steps", (number + 1) / len(asked))
        if silent:
            remarks.append(f"{silent} answers cite no time, so they have no steps to check")
        if crowded:
            remarks.append(f"{crowded} steps cite so much of their video that no other stretch can be compared")
        return Finding(self.name, figures_of(judged), flaws=_flaws(judged), notes=tuple(remarks), rows=_rows(judged))

    def _judged(self, grounder: Grounder, case: Case, step: Step, given: NDArray[np.float64]) -> Judged | None:
        seed = [self.seed, int(step.start * 1000), int(step.end * 1000), *step.claim.encode()[:32]]
        others = elsewhere(step, case.video.duration, np.random.default_rng(seed), self.draws)
        if not len(others):
            return None
        found = support(self.scorer, case.video, step, others, least=self.least)
        after = best_window(ask_one(grounder, replaced(case.video, step, others[0]), case.query))
        use = 1 - overlap(after, given)
        return Judged(case.query, step, found, use, use >= self.change)


def replaced(video: Video, step: Step, other: NDArray[np.float64]) -> Video:
    """The video with another stretch (2,) of the same length in the place of a step: all else stays when it is."""
    end = min(step.end, video.duration)
    return Edited(video, [Cut(step.start, end), Insert(step.start, video, float(other[0]), float(other[1]))])


def figures_of(judged: Sequence[Judged]) -> dict[str, float]:
    """Shares of the steps; nothing but their number where there are none."""
    figures: dict[str, float] = {"steps": len(judged)}
    if not judged:
        return figures
    figures["step grounding rate"] = mean([float(one.support.supported) for one in judged])
    figures["step grounding rate by chance"] = mean([one.support.by_chance for one in judged])
    figures["support"] = mean([one.support.support for one in judged])
    figures["use"] = mean([one.use for one in judged])
    kinds = Counter(one.kind for one in judged)
    return figures | {kind: kinds[kind] / len(judged) for kind in CLASSES}


def _flaws(judged: Sequence[Judged]) -> tuple[Flaw, ...]:
    if len(judged) < FEWEST:
        return ()
    flaws = []
    rate = mean([float(one.support.supported) for one in judged])
    chance = mean([one.support.by_chance for one in judged])
    if rate < chance + MARGIN:
        sentence = (
            f"Of {len(judged)} steps that cite a time, {rate:.0%} show there what they claim, and {chance:.0%} would "
            "by chance: the reasoning might as well be made up."
        )
        flaws.append(Flaw("fabricates-steps", sentence))
    ignored = mean([float(not one.used) for one in judged])
    if ignored >= IGNORED:
        sentence = (
            f"In {ignored:.0%} of {len(judged)} steps the answer stayed the same when other pictures took the place "
            "of those cited: it does not come from them."
        )
        flaws.append(Flaw("ignores-steps", sentence))
    return tuple(flaws)


def _rows(judged: Sequence[Judged]) -> tuple[dict[str, str | float | None], ...]:
    return tuple(
        {
            "query": one.query,
            "start": one.step.start,
            "end": one.step.end,
            "claim": one.step.claim,
            "support": one.support.support,
            "use": one.use,
            "class": one.kind,
        }
        for one in judged
    )
