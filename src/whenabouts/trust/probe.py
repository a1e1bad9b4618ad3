"""What a probe is: a question about a grounder that its score on a benchmark does not answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.video import Video

__all__ = ["Case", "Curve", "Finding", "Flaw", "Probe"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A query on a video.

    truth: (M, 2) float64 true windows in seconds; no rows where it does not happen; None where nobody knows
    """

    video: Video
    query: str
    truth: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a plot, with what its axes are."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a grounder: a name that does not change, and a sentence with the figures that show it."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: figures by name, curves by name, flaws, and what could not be looked at.

    rows: a table with one row a query, of plain values by column, for who audits a benchmark query by query
    """

    probe: str
    figures: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str | float | None], ...] = ()


class Probe(ABC):
    """Asks a grounder about cases, changed in some way, and compares the answers."""

    name: ClassVar[str]

    @abstractmethod
    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """What was found. Cases that the probe has no use for are passed over, and a note says how many.

        Raises VideoError, ModelError.
        """
