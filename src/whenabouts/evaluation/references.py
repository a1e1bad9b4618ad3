"""Scores against what several people said of the same queries, beside what people themselves would score.

An answer is right if its IoU with any one opinion is above m (Otani et al., arXiv:2009.00325). These figures are about
other truths than those of the benchmark, so they are never put into one table of ranks with its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.references import References
from whenabouts.metrics.bootstrap import Interval, intervals_of_means
from whenabouts.metrics.references import closest_of_others, opinion_overlaps

__all__ = ["THRESHOLDS", "AgainstReferences", "against_references", "people_values", "reference_values"]

Floats = NDArray[np.float64]
THRESHOLDS = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class AgainstReferences:
    """Percentages with 95 % bounds over videos, on the queries that have references.

    scores:     of the answers against references: `R_mr@m` counts a hit with anyone, `mean R1@m` the people it pleases
    annotated:  the same answers to the same queries, against the annotations
    people:     of one person against the others; none where all queries have a single opinion
    """

    queries: int
    opinions: int
    scores: dict[str, Interval]
    annotated: dict[str, Interval]
    people: dict[str, Interval]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        tables = {"scores": self.scores, "annotated": self.annotated, "people": self.people}
        figures = {
            title: {name: {"score": i.mean, "low": i.low, "high": i.high} for name, i in table.items()}
            for title, table in tables.items()
        }
        return {"queries": self.queries, "opinions": self.opinions, **figures}

    def rows(self) -> list[list[str]]:
        """The figures as the cells of a table, under a header."""
        header = ["by references", "score", "95 % over videos", "a person"]
        rows = [
            [name, *_cells(found), f"{self.people[name].mean:.2f}" if name in self.people else "–"]
            for name, found in self.scores.items()
        ]
        rows += [[f"{name} by the annotations", *_cells(found), "–"] for name, found in self.annotated.items()]
        return [header, *rows]


def against_references(
    examples: Sequence[Example], answers: Mapping[Any, ArrayLike], opinions: References
) -> AgainstReferences:
    """Score answers, windows (N, 2) in seconds by qid, on the examples that have opinions."""
    chosen = [e for e in examples if e.qid in opinions]
    truths = {e.qid: e.windows for e in chosen}
    videos = [e.video for e in chosen]

    def scored(values: Mapping[str, Floats]) -> dict[str, Interval]:
        return intervals_of_means({name: 100 * column for name, column in values.items()}, videos)

    annotated = reference_values(chosen, answers, truths)
    people = people_values(chosen, opinions)
    several = ~np.isnan(next(iter(people.values())))
    return AgainstReferences(
        queries=len(chosen),
        opinions=sum(len(opinions[e.qid]) for e in chosen),
        scores=scored(reference_values(chosen, answers, opinions)),
        annotated=scored({f"R1@{m}": annotated[f"R_mr@{m}"] for m in THRESHOLDS}),
        people=intervals_of_means(
            {name: 100 * column[several] for name, column in people.items()},
            [video for video, kept in zip(videos, several, strict=True) if kept],
        )
        if several.any()
        else {},
    )


def _cells(of: Interval) -> list[str]:
    return [f"{of.mean:.2f}", f"{of.low:.1f} – {of.high:.1f}"]


def reference_values(
    examples: Sequence[Example], answers: Mapping[Any, ArrayLike], opinions: Mapping[Any, Floats]
) -> dict[str, Floats]:
    """What every query adds to `R_mr@m` and `mean R1@m`, in [0, 1]: (Q,) by name, NaN where it has no opinions."""
    names = [f"R_mr@{m}" for m in THRESHOLDS] + [f"mean R1@{m}" for m in THRESHOLDS]
    values = np.full((len(examples), len(names)), np.nan)
    for i, e in enumerate(examples):
        if e.qid in opinions:
            windows = np.asarray(answers.get(e.qid, ()), dtype=np.float64)
            first = windows.reshape(-1, windows.shape[-1] if windows.size else 2)[:1, :2]
            overlaps = opinion_overlaps(first, opinions[e.qid])
            above = [overlaps > m for m in THRESHOLDS]
            values[i] = [float(a.any()) for a in above] + [float(a.mean()) if a.size else 0.0 for a in above]
    return dict(zip(names, values.T, strict=True))


def people_values(examples: Sequence[Example], opinions: References) -> dict[str, Floats]:
    """What a person who is held against the others adds to `R_mr@m`: (Q,) by name, NaN without two opinions."""
    values = np.full((len(examples), len(THRESHOLDS)), np.nan)
    for i, e in enumerate(examples):
        closest = closest_of_others(opinions[e.qid]) if e.qid in opinions else np.zeros(0)
        if len(closest):
            values[i] = [float((closest > m).mean()) for m in THRESHOLDS]
    return {f"R_mr@{m}": column for m, column in zip(THRESHOLDS, values.T, strict=True)}
