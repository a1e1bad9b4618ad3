"""`Comparison`: systems on the same queries under one protocol, each against the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from whenabouts.auditing.comparison.buckets import Bucket
from whenabouts.auditing.comparison.changes import OUTCOMES, Answered
from whenabouts.auditing.comparison.delta import Delta
from whenabouts.auditing.comparison.reading import document
from whenabouts.auditing.comparison.references import UnderReferences
from whenabouts.documents.document import Document

__all__ = ["Comparison", "Versus"]


@dataclass(frozen=True, kw_only=True)
class Versus:
    """A system against the first one.

    deltas:     of every figure, the headlines among them named in `headlines`
    main:       the figure by which queries are hits and misses
    buckets:    the same over parts of the queries
    queries:    every query with both answers
    references: the figures against several people's opinions, where there are some
    notes:      in what the answers were made differently, and who left queries unanswered
    """

    first: str
    second: str
    deltas: tuple[Delta, ...]
    headlines: tuple[str, ...]
    main: str
    buckets: tuple[Bucket, ...] = ()
    queries: tuple[Answered, ...] = field(default=(), repr=False)
    references: UnderReferences | None = None
    alike: bool = False
    notes: tuple[str, ...] = ()

    def outcomes(self) -> dict[str, int]:
        """How many queries each outcome has."""
        return {name: sum(query.outcome == name for query in self.queries) for name in OUTCOMES}

    def verdicts(self) -> tuple[str, ...]:
        """What the comparison says, in sentences."""
        if self.alike:
            return (f"{self.first} and {self.second} answer every query alike",)
        told = [delta.told(self.first, self.second) for delta in self.deltas if delta.figure in self.headlines]
        told += [self._disagreement()] if self.queries else []
        told += self._parts()
        told += self.references.verdicts(self.first, self.second, self.main, self.deltas) if self.references else []
        return tuple(told)

    def _disagreement(self) -> str:
        counts = self.outcomes()
        gained, lost = counts["gained"], counts["lost"]
        return (
            f"the two disagree on {gained + lost} of {len(self.queries)} queries at {self.main}: "
            f"{self.second} alone hits {gained}, {self.first} alone {lost}"
        )

    def _parts(self) -> list[str]:
        """Parts that differ otherwise than all queries do, at most three."""
        whole = next((delta for delta in self.deltas if delta.figure.removesuffix("-key").endswith(self.main)), None)
        told = [
            b
            for b in self.buckets
            if b.delta.figure == self.main and b.delta.sign and not (whole and b.delta.agrees(whole))
        ]
        return [
            f"{b.by}, {b.name}: {b.delta.told(self.first, self.second)}, "
            f"which stands among all {len(self.buckets)} looks at parts"
            for b in sorted(told, key=lambda b: -abs(b.delta.difference.delta.mean))[:3]
        ]

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "first": self.first,
            "second": self.second,
            "verdicts": list(self.verdicts()),
            "headlines": list(self.headlines),
            "deltas": [delta.to_dict() for delta in self.deltas],
            "main": self.main,
            "outcomes": self.outcomes(),
            "gained": [query.example.qid for query in self.queries if query.outcome == "gained"],
            "lost": [query.example.qid for query in self.queries if query.outcome == "lost"],
            "farthest_apart": [query.to_dict() for query in self.apart()],
            "buckets": [bucket.to_dict() for bucket in self.buckets],
            "references": None if self.references is None else self.references.to_dict(),
            "alike": self.alike,
            "notes": list(self.notes),
        }

    def apart(self, most: int = 20) -> tuple[Answered, ...]:
        """The queries whose two answers are farthest apart in IoU, farthest first."""
        rows = sorted((query for query in self.queries if query.apart), key=lambda query: -abs(query.apart))
        return tuple(rows[:most])


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Systems on one split under one protocol: the first, and each of the others against it."""

    benchmark: str
    title: str
    split: str
    protocol: str
    systems: tuple[str, ...]
    queries: int
    videos: int
    pairs: tuple[Versus, ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON values; shares are in points and times in seconds."""
        return {
            "benchmark": self.benchmark,
            "split": self.split,
            "protocol": self.protocol,
            "systems": list(self.systems),
            "queries": self.queries,
            "videos": self.videos,
            "comparisons": [pair.to_dict() for pair in self.pairs],
            "notes": list(self.notes),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row per query and pair of systems, for a program that goes on with them."""
        return [
            {"systems": [pair.first, pair.second]} | query.to_dict() for pair in self.pairs for query in pair.queries
        ]

    def document(self) -> Document:
        """The comparison to read."""
        return document(self)
