"""The probe `degradation`: what a stretch of bad pictures does to answers, while it lasts and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.synthetic.degradation import DEGRADATIONS
from whenabouts.trust.answers import answers_to, mean, reference
from whenabouts.trust.chosen import by_moment, chosen_cases
from whenabouts.trust.degradation.turns import Turns, sequence, windows_around
from whenabouts.trust.probe import Case, Curve, Finding, Flaw, Probe

__all__ = ["DegradationProbe"]

Windows = NDArray[np.float64]

FEWEST = 5  # sequences that were hurt, of which a flaw is spoken
PERSISTS = 0.5  # of them, from which it is a flaw


@dataclass(frozen=True)
class DegradationProbe(Probe):
    """Asks each query of `before` clean windows, `during` degraded ones and `after` clean ones, of every kind.

    window: seconds of a window, which holds the true moment and slides over it; see `windows_around`
    most:   queries, at most, chosen by seed

    A grounder that keeps nothing between two questions recovers at once by its nature: then what persists is what a
    window of other bounds changes. One that remembers, such as a stream, is asked in the order of the windows.
    """

    name: ClassVar[str] = "degradation"

    kinds: tuple[str, ...] = DEGRADATIONS
    severities: tuple[int, ...] = (3, 5)
    before: int = 1
    during: int = 1
    after: int = 2
    window: float = 20.0
    most: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.before, self.during, self.after) < 1 or not self.window > 0:
            raise InputError("before, during and after need one window each at least, of more than 0 seconds")

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`persistence`, `recovery windows`, `consistency`, `right during` by kind and severity; a row a sequence."""
        happening = [case for case in cases if case.truth is None or len(case.truth)]
        asked, notes = chosen_cases(happening, self.most, self.seed)
        truths = [reference(case, answer) for case, answer in zip(asked, answers_to(grounder, asked), strict=True)]
        turns: list[Turns] = []
        passed = len(cases) - len(happening) + sum(not len(truth) for truth in truths)
        groups = by_moment(asked, truths)
        for done, group in enumerate(groups, 1):
            found = self._turns(grounder, [asked[number] for number in group], truths[group[0]])
            turns += found
            passed += 0 if found else len(group)
            if progress:
                progress("degrading videos", done / len(groups))
        remarks = list(notes)
        if passed:
            remarks.append(f"{passed} queries were passed over: they do not happen, or fill their video")
        if any(case.truth is None for case in asked):
            remarks.append("where no truth is known, the answer on the video as it is stands for it")
        rows = tuple(_row(one) for one in turns)
        return Finding(self.name, figures_of(turns), self._curves(turns), _flaws(turns), tuple(remarks), rows)

    def _turns(self, grounder: Grounder, alike: Sequence[Case], truth: Windows) -> list[Turns]:
        windows = windows_around(alike[0].video, truth, self.window, self.before + self.during + self.after)
        if windows is None:
            return []
        queries, shape = [case.query for case in alike], (self.before, self.during)
        return [
            turns
            for kind in self.kinds
            for severity in self.severities
            for turns in sequence(grounder, windows, queries, truth, kind, severity, shape, self.seed)
        ]

    def _curves(self, turns: Sequence[Turns]) -> dict[str, Curve]:
        """By severity, of which 0 is what was answered before."""
        if not turns:
            return {}
        levels = tuple(sorted(self.severities))
        clean = mean([one.right[one.before - 1] for one in turns])
        curves = {}
        for kind in self.kinds:
            right = [mean(_during([t for t in turns if t.kind == kind and t.severity == level])) for level in levels]
            curves[f"right during {kind}"] = _curve((0, *levels), (clean, *right), "right")
        for name, measure in (("persistence", _persistence), ("consistency", _consistency)):
            values = [measure([t for t in turns if t.severity == level]) for level in levels]
            known = [(level, value) for level, value in zip(levels, values, strict=True) if value is not None]
            if known:
                curves[name] = _curve([level for level, _ in known], [value for _, value in known], name)
        return curves


def figures_of(turns: Sequence[Turns]) -> dict[str, float]:
    """Over all sequences; what cannot be known of them is left out."""
    figures: dict[str, float] = {"sequences": len(turns)}
    if not turns:
        return figures
    figures |= {
        "right before": mean([one.right[one.before - 1] for one in turns]),
        "right during": mean(_during(turns)),
        "right after": mean([one.after[0] for one in turns]),
        "consistency": mean([one.consistency for one in turns]),
    }
    hurt = [one for one in turns if one.hurt]
    figures["hurt"] = len(hurt)
    if hurt:
        recovered = [one.recovery for one in hurt if one.recovery is not None]
        figures["persistence"] = mean([not one.after[0] for one in hurt])
        figures["never recovered"] = 1 - len(recovered) / len(hurt)
        figures |= {"recovery windows": mean(recovered)} if recovered else {}
    kinds = dict.fromkeys(one.kind for one in turns)
    return figures | {f"right during {kind}": mean(_during([t for t in turns if t.kind == kind])) for kind in kinds}


def _during(turns: Sequence[Turns]) -> list[float]:
    return [float(each) for one in turns for each in one.right[one.before : one.before + one.during]]


def _persistence(turns: Sequence[Turns]) -> float | None:
    hurt = [one for one in turns if one.hurt]
    return mean([not one.after[0] for one in hurt]) if hurt else None


def _consistency(turns: Sequence[Turns]) -> float | None:
    return mean([one.consistency for one in turns]) if turns else None


def _curve(levels: Sequence[int], values: Sequence[float], label: str) -> Curve:
    return Curve(tuple(float(level) for level in levels), tuple(values), "severity", label)


def _flaws(turns: Sequence[Turns]) -> tuple[Flaw, ...]:
    hurt = [one for one in turns if one.hurt]
    persists = sum(not one.after[0] for one in hurt)
    if len(hurt) < FEWEST or persists / len(hurt) < PERSISTS:
        return ()
    sentence = (
        f"Of {len(hurt)} answers that bad pictures made wrong, {persists} are still wrong when the pictures are good "
        "again: it does not recover."
    )
    return (Flaw("does-not-recover", sentence),)


def _row(one: Turns) -> dict[str, str | float | None]:
    return {
        "query": one.query,
        "kind": one.kind,
        "severity": float(one.severity),
        "right before": float(one.right[one.before - 1]),
        "right during": mean(_during([one])),
        "right after": float(one.after[0]),
        "recovery windows": None if one.recovery is None else float(one.recovery),
        "consistency": one.consistency,
    }
