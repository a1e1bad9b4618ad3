"""Two systems against several people's opinions, beside the annotations on the same queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.comparison.delta import Delta, delta
from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.references import References
from whenabouts.evaluation.references import people_values, reference_values
from whenabouts.metrics.paired import paired_differences

__all__ = ["UnderReferences", "under_references"]

Floats = NDArray[np.float64]
Answers = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class UnderReferences:
    """The same answers to the same queries under two truths, which are never mixed.

    references: deltas in `R_mr@m` and `mean R1@m`, and annotated: in `R1@m` with the same strict >
    people:     what a person scores against the others, in points; none where queries have a single opinion
    """

    queries: int
    opinions: int
    references: tuple[Delta, ...]
    annotated: tuple[Delta, ...]
    people: dict[str, float]

    def verdicts(self, first: str, second: str, main: str, deltas: Sequence[Delta]) -> list[str]:
        """Whether the order of the two systems is the same under both truths, in a sentence."""
        other = {d.figure: d for d in self.references}.get(f"R_mr@{main.removeprefix('R1@')}")
        ours = {d.figure: d for d in self.annotated}.get(main)
        if other is None or ours is None:
            return []
        told = other.told(first, second)
        if ours.difference.delta.mean * other.difference.delta.mean >= 0:
            return [f"the order is the same by the references of {self.queries} queries: {told}"]
        if ours.sign and other.sign:
            return [f"the order changes by the references of {self.queries} queries: {told}"]
        return [
            f"the order changes by the references of {self.queries} queries, but by no more than chance may: {told}"
        ]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values, in points."""
        return {
            "queries": self.queries,
            "opinions": self.opinions,
            "references": [d.to_dict() for d in self.references],
            "annotated": [d.to_dict() for d in self.annotated],
            "people": self.people,
        }


def under_references(
    examples: Sequence[Example], answers: tuple[Answers, Answers], opinions: References, *, seed: int = 0
) -> UnderReferences:
    """Both systems' first windows on the examples that have opinions."""
    chosen = [e for e in examples if e.qid in opinions]
    truths = {e.qid: e.windows for e in chosen}
    people = people_values(chosen, opinions)
    return UnderReferences(
        len(chosen),
        sum(len(opinions[e.qid]) for e in chosen),
        _deltas(chosen, answers, opinions, "", seed),
        _deltas(chosen, answers, truths, "R1@", seed),
        {name: 100 * float(np.nanmean(column)) for name, column in people.items() if not np.isnan(column).all()},
    )


def _deltas(
    examples: Sequence[Example], answers: tuple[Answers, Answers], truths: Mapping[Any, Floats], named: str, seed: int
) -> tuple[Delta, ...]:
    first, second = (reference_values(examples, of, truths) for of in answers)
    pairs = {name: (first[name], second[name]) for name in first}
    if named:
        pairs = {named + name.removeprefix("R_mr@"): pair for name, pair in pairs.items() if name.startswith("R_mr@")}
    videos = [e.video for e in examples]
    found = paired_differences(pairs, videos, seed=seed)
    return tuple(delta(name, pairs[name], difference, videos, difference.p) for name, difference in found.items())
