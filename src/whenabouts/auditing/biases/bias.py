"""What a bias is: a test with figures, reference values and a verdict."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.samples import last_end, scaled
from whenabouts.auditing.judged import Judged
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.documents.chart import Chart
from whenabouts.documents.document import Section, Table
from whenabouts.evaluation.protocols import PROTOCOLS

if TYPE_CHECKING:
    from whenabouts.trust import probe

__all__ = ["Bias", "Finding", "Subject"]


@dataclass(frozen=True)
class Subject:
    """What is looked at.

    examples: the queries of the split, as annotated
    train:    the annotations that systems learn from, none where they are not at hand; as annotated too, negatives
              among them, for a leak shows only where both are read alike
    judged:   the answers of a system, where there are some
    protocol: how answers are scored, a key of PROTOCOLS; by default the data set's own
    opinions: (K, 2) windows in seconds by qid, one for each person who annotated a query again, as `read_references`
              of `benchmarks.references` reads them
    probes:   what `whenabouts stress` found of that system, by the name of the probe
    """

    dataset: Dataset
    split: str
    examples: Sequence[Example] = field(repr=False)
    train: Sequence[Example] = field(default=(), repr=False)
    judged: Judged | None = None
    opinions: Mapping[str | int, NDArray[np.float64]] = field(default_factory=dict, repr=False)
    probes: Mapping[str, probe.Finding] = field(default_factory=dict, repr=False)
    protocol: str = ""

    @property
    def strict(self) -> bool:
        """Whether a window hits with IoU > m, and not with IoU >= m, as `protocol` has it."""
        return bool(getattr(PROTOCOLS.get(self.protocol or self.dataset.protocol), "strict", False))

    @cached_property
    def asked(self) -> list[Example]:
        """The examples whose windows are usable; see `samples.scaled`."""
        return scaled(self.examples, self.common_length)

    @cached_property
    def learned(self) -> list[Example]:
        """The same of the training split."""
        return scaled(self.train, self.common_length)

    @cached_property
    def common_length(self) -> float | None:
        """The length of all videos in seconds, where their files do not say it and they are cut alike, as DiDeMo's."""
        return last_end([*self.examples, *self.train]) if self.dataset.protocol == "didemo" else None


@dataclass(frozen=True)
class Finding:
    """What was found of one bias.

    figures:    measured, by name
    references: what other benchmarks or papers have, by name
    verdict:    one sentence with the figures that show it, after "bias present", "bias not seen" or "cannot be told"
    present:    the same as a value; None where it cannot be told
    sentences:  more, for whoever reads on
    """

    bias: str
    figures: dict[str, float]
    references: dict[str, float]
    verdict: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    present: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON values."""
        tables = [dataclasses.asdict(table) for table in self.tables]
        return {
            "bias": self.bias,
            "present": self.present,
            "figures": self.figures,
            "references": self.references,
            "verdict": self.verdict,
            "sentences": list(self.sentences),
            "tables": tables,
            "charts": [{"kind": type(chart).__name__.lower(), **dataclasses.asdict(chart)} for chart in self.charts],
        }

    def section(self, title: str) -> Section:
        """The finding as a part of a document; reference values stand under its tables."""
        known = Table(("reference value", "value"), tuple(self.references.items()), digits=3)
        tables = (*self.tables, known) if self.references else self.tables
        return Section(title, (self.verdict, *self.sentences), tables, self.charts)


class Bias(ABC):
    """One bias and how it is measured.

    title: for a heading
    """

    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def look(self, subject: Subject) -> Finding:
        """Measure it. What cannot be measured is left out of the figures, and the verdict says so."""
