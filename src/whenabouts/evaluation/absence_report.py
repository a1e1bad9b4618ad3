"""Scores beside those of trivial answers; of queries that may not happen, also by the kind of negative."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.report import Report, Scores, aligned

__all__ = ["AbsenceReport", "BesideTrivial"]


@dataclass(frozen=True, kw_only=True)
class BesideTrivial(Report):
    """A report that says what trivial answers get.

    details: counts, curves, and scores of parts.
    trivial: gives the scores of trivial answers under the same protocol, by the name of who answers.
    """

    details: dict[str, Any]
    trivial: Callable[[], dict[str, Scores]] = dataclasses.field(repr=False)

    @cached_property
    def baselines(self) -> dict[str, Scores]:
        """Scores of trivial answers; what they do not have, such as a ranking, is left out."""
        return self.trivial()

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return super().to_dict() | {"details": self.details, "baselines": self.baselines}

    def table(self) -> str:
        """Scores beside those of trivial answers, as text."""
        rows = [["metric", "score", *self.baselines]]
        for name, value in self.scores.items():
            beside = (f"{of[name]:.2f}" if name in of else "–" for of in self.baselines.values())
            rows.append([name, f"{value:.2f}", *beside])
        heading = f"{self._heading} · protocol {self.protocol} ({self.source})"
        return "\n".join([heading, "", aligned(rows), *self._noted])


@dataclass(frozen=True, kw_only=True)
class AbsenceReport(BesideTrivial):
    """A report on queries that may not happen.

    examples: the queries that count; says: (Q,) bool, whether they are taken to happen, by the rule of the scores
    rule:     what is said of it where it is not just what the answer says
    """

    examples: Sequence[Example] = dataclasses.field(repr=False)
    says: NDArray[np.bool_] = dataclasses.field(repr=False)
    rule: str = ""

    @property
    def negatives(self) -> int:
        """How many queries do not happen."""
        return sum(not len(e.windows) for e in self.examples)

    @cached_property
    def by_kind(self) -> dict[str, tuple[int, float]]:
        """How many negatives there are and per cent rejected, by kind, and by difficulty where it has several."""
        levels = {(e.absent, e.difficulty) for e in self.examples}
        several = {kind for kind in {kind for kind, _ in levels} if sum(kind == one for one, _ in levels) > 1}
        groups: dict[str, list[bool]] = {}
        for e, says in zip(self.examples, self.says.tolist(), strict=True):
            if not len(e.windows):
                graded = f"{e.absent}, {e.difficulty}" if e.difficulty and e.absent in several else None
                for name in filter(None, (e.absent, graded)):
                    groups.setdefault(name, []).append(not says)
        return {name: (len(right), 100 * sum(right) / len(right)) for name, right in sorted(groups.items())}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        kinds = {name: {"queries": count, "rejected": share} for name, (count, share) in self.by_kind.items()}
        return super().to_dict() | {"queries": len(self.examples), "negatives": self.negatives, "by_kind": kinds}

    def table(self) -> str:
        """Scores beside those of trivial answers, and the share of negatives rejected by their kind, as text."""
        counts = f"{len(self.examples)} queries, {self.negatives} of which do not happen"
        kinds = [[name, str(count), f"{share:.2f}"] for name, (count, share) in self.by_kind.items()]
        shares = ["", aligned([["kind of negative", "queries", f"rejected{self.rule}"], *kinds])] if kinds else []
        return "\n".join([super().table(), counts, *shares])
