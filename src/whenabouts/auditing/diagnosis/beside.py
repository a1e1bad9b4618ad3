"""Two systems on the same queries: what each has learned wrongly, with the differences that show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from whenabouts.auditing.diagnosis.diagnosis import Diagnosis
from whenabouts.auditing.diagnosis.outcomes import OUTCOMES
from whenabouts.auditing.diagnosis.report import document
from whenabouts.auditing.diagnosis.sentences import lesson, shape
from whenabouts.documents.document import Document
from whenabouts.errors import InputError
from whenabouts.files.json import finite
from whenabouts.metrics.bootstrap import Interval

__all__ = ["TwoDiagnoses"]

TOLD = 4  # outcomes that differ most


@dataclass(frozen=True, eq=False)
class TwoDiagnoses:
    """The diagnoses of two systems on the same queries. Raises InputError for different ones."""

    first: Diagnosis
    second: Diagnosis

    def __post_init__(self) -> None:
        asked = [[e.qid for e in one.facts.examples] for one in (self.first, self.second)]
        if asked[0] != asked[1] or self.first.threshold != self.second.threshold:
            raise InputError(f"{self.first.name} and {self.second.name} are not about the same queries")

    @cached_property
    def differences(self) -> dict[str, Interval]:
        """The first's less the second's, in points with 95 % intervals over videos: recall, mIoU, share of outcomes.

        Both answer the same queries, so pairs are resampled.
        """
        a, b = self.first, self.second
        points, found = a.facts.points, {}
        found[f"R1@{a.threshold:g}"] = points(a.facts.hit.astype(np.float64) - b.facts.hit)
        found["mIoU"] = points(a.facts.iou - b.facts.iou)
        for name in OUTCOMES:
            if name != "hit" and (a.counts[name] or b.counts[name]):
                found[name] = points((a.outcome == name).astype(np.float64) - (b.outcome == name))
        return found

    @cached_property
    def crossed(self) -> dict[str, int]:
        """Queries that both hit, only one of them, or neither."""
        a, b = self.first.facts.hit, self.second.facts.hit
        return {
            "both": int((a & b).sum()),
            "only the first": int((a & ~b).sum()),
            "only the second": int((~a & b).sum()),
            "neither": int((~a & ~b).sum()),
        }

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Which is better at what, and what each has learned wrongly."""
        return tuple(self._sentences())

    @property
    def notes(self) -> tuple[str, ...]:
        """Of both, each once."""
        return tuple(dict.fromkeys([*self.first.notes, *self.second.notes]))

    def rows(self, outcome: str | None = None) -> list[dict[str, Any]]:
        """Those of both, which say of whom each is. Raises InputError for an unknown outcome."""
        return [{"name": one.name} | row for one in (self.first, self.second) for row in one.rows(outcome)]

    def to_dict(self) -> dict[str, Any]:
        """Both, and what is between them, as JSON values."""
        return {
            "sentences": list(self.sentences),
            "differences": finite({name: bounds._asdict() for name, bounds in self.differences.items()}),
            "crossed": self.crossed,
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
        }

    def document(self) -> Document:
        """The same to read."""
        return document([self.first, self.second], self)

    @cached_property
    def crossing(self) -> float | None:
        """The highest IoU up to which the one with the higher recall keeps it, if the other has it above."""
        gaps = [
            (at, self.first.fit.by_threshold[at] - self.second.fit.by_threshold[at])
            for at in self.first.fit.by_threshold
        ]
        lead = self.first.fit.recall.mean - self.second.fit.recall.mean
        turned = [at for at, gap in gaps if at > self.first.threshold and gap * lead < 0]
        return max(at for at, _ in gaps if at < turned[0]) if turned and lead else None

    def _sentences(self) -> Iterator[str]:
        a, b = self.first, self.second
        yield from (f"{one.name}: {trait.sentence}" for one in (a, b) for trait in one.traits)
        yield self._compared(f"R1@{a.threshold:g}", a.fit.recall.mean, b.fit.recall.mean)
        yield self._compared("mIoU", a.fit.miou.mean, b.fit.miou.mean)
        if (at := self.crossing) is not None:
            lead, other = (a, b) if a.fit.recall.mean > b.fit.recall.mean else (b, a)
            yield f"up to IoU {at:g} {lead.name} has the higher recall, and {other.name} above it"
        if a.fit.hits is not None and b.fit.hits is not None:
            yield f"where they hit, the mean IoU is {a.fit.hits:.2f} for {a.name} and {b.fit.hits:.2f} for {b.name}"
        if a.fit.misses is not None and b.fit.misses is not None:
            yield f"where they miss, it is {a.fit.misses:.2f} for {a.name} and {b.fit.misses:.2f} for {b.name}"
        for one in (a, b):
            yield from (f"{one.name}: {told}" for told in shape(one))
            if learned := lesson(one):
                yield f"{one.name}: {learned}"
        yield from self._of_outcomes()
        alone = self.crossed
        yield (
            f"{alone['both']} queries are hit by both, {alone['only the first']} by {a.name} alone, "
            f"{alone['only the second']} by {b.name} alone, {alone['neither']} by neither"
        )

    def _compared(self, metric: str, one: float, other: float) -> str:
        gap, names = self.differences[metric], (self.first.name, self.second.name)
        if gap.high < 0:  # the better one comes first, with its own figure
            gap, names, one, other = Interval(-gap.mean, -gap.high, -gap.low), names[::-1], other, one
        bounds = f"95 % {gap.low:+.1f} to {gap.high:+.1f}"
        figures = f"{one:.1f} against {other:.1f}, difference {gap.mean:+.1f} ({bounds})"
        if gap.low <= 0:
            return f"{metric} tells no difference between {names[0]} and {names[1]}: {figures}"
        return f"{names[0]} has the higher {metric}: {figures}"

    def _of_outcomes(self) -> Iterator[str]:
        a, b = self.first, self.second
        sure = {name: gap for name, gap in self.differences.items() if name in OUTCOMES and gap.low * gap.high > 0}
        for name in sorted(sure, key=lambda name: -abs(sure[name].mean))[:TOLD]:
            more, less = (a, b) if sure[name].mean > 0 else (b, a)
            low, high = sorted((abs(sure[name].low), abs(sure[name].high)))
            gap = f"{abs(sure[name].mean):.1f} points (95 % {low:.1f} to {high:.1f})"
            counts = f"{more.counts[name]} queries against {less.counts[name]}"
            yield f"{name} is more frequent with {more.name}: {counts}, {gap}"
