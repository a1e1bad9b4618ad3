"""Which queries two systems answer otherwise: what the second gained and lost, and where they are farthest apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example

__all__ = ["OUTCOMES", "Answered", "answered"]

Floats = NDArray[np.float64]
OUTCOMES = ("gained", "lost", "both", "neither")


@dataclass(frozen=True, slots=True)
class Answered:
    """A query with two answers: the first window of each in seconds, None without one, and its IoU with the truth.

    outcome: gained, where the second system alone hits; lost, where the first alone does; both; neither
    """

    example: Example
    first: tuple[float, float] | None
    second: tuple[float, float] | None
    iou_first: float
    iou_second: float
    outcome: str

    @property
    def apart(self) -> float:
        """How much better the second answer is, in IoU."""
        return self.iou_second - self.iou_first

    def to_dict(self) -> dict[str, Any]:
        """The query as JSON values; times are seconds."""
        return {
            "qid": self.example.qid,
            "video": self.example.video,
            "query": self.example.query,
            "truth": self.example.windows.tolist(),
            "first": None if self.first is None else list(self.first),
            "second": None if self.second is None else list(self.second),
            "iou_first": self.iou_first,
            "iou_second": self.iou_second,
            "outcome": self.outcome,
        }


def answered(
    examples: Sequence[Example],
    windows: tuple[dict[Any, Any], dict[Any, Any]],
    ious: tuple[Floats, Floats],
    hits: tuple[Floats, Floats],
) -> tuple[Answered, ...]:
    """Every query with both answers, in the order of the examples."""
    rows = []
    for i, e in enumerate(examples):
        hit = hits[0][i] > 0, hits[1][i] > 0
        outcome = {(False, True): "gained", (True, False): "lost", (True, True): "both"}.get(hit, "neither")
        first, second = (_first(of.get(e.qid)) for of in windows)
        rows.append(Answered(e, first, second, float(ious[0][i]), float(ious[1][i]), outcome))
    return tuple(rows)


def _first(windows: Any) -> tuple[float, float] | None:
    return None if windows is None or not len(windows) else (float(windows[0][0]), float(windows[0][1]))
