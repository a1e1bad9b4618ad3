"""The figures in which two systems are compared: what every query adds to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.judged import Judged
from whenabouts.benchmarks.example import Example

__all__ = ["FULL", "HEADLINES", "figures_of", "headlines", "main_figure"]

Floats = NDArray[np.float64]

HEADLINES = (
    *("MR-full-mAP", "MR-full-mAP-key", "MR-full-R1@0.5", "MR-full-R1@0.5-key", "MR-full-R1@0.7", "MR-full-R1@0.7-key"),
    *("R1@0.5", "R1@0.7", "mIoU", "HL-min-VeryGood-mAP", "HL-min-VeryGood-mAP-key", "HL-min-VeryGood-Hit1"),
    *("HL-min-VeryGood-Hit1-key", "average_mAP", "mAP@0.5"),
)
FULL = "MR-full-"  # what the official evaluators call figures of all moments
MOST = 4  # headlines of a protocol that has none of these


def figures_of(judged: Judged, examples: Sequence[Example]) -> dict[str, Floats]:
    """Values (Q,) of the examples by figure: the official figures first, then those of the first window."""
    values: dict[str, Floats] = {}
    if judged.official.means_over is not None:
        qids, columns = judged.official.means_over()
        values |= {name: _ordered(qids, column, examples) for name, column in columns.items()}
        values = {name: values[name] for name in judged.official.scores if name in values}
    known = [e.qid for e in judged.examples]
    own = {
        name: _ordered(known, column, examples)
        for name, column in judged.report.per_query.items()
        if not any(f"{FULL}{name}{suffix}" in values for suffix in ("", "-key"))
    }
    return values | own


def headlines(names: Iterable[str]) -> tuple[str, ...]:
    """The figures that are put into words."""
    known = tuple(names)
    return tuple(name for name in HEADLINES if name in known) or known[:MOST]


def main_figure(judged: Judged) -> str:
    """The recall of the first window by which queries are hits and misses: at 0.5, or at the threshold there is."""
    recalls = [name for name in judged.report.per_query if name.startswith("R1@")]
    return "R1@0.5" if "R1@0.5" in recalls or not recalls else recalls[0]


def _ordered(qids: Sequence[object], column: Floats, examples: Sequence[Example]) -> Floats:
    place = {qid: i for i, qid in enumerate(qids)}
    return np.array([column[place[e.qid]] if e.qid in place else np.nan for e in examples], dtype=np.float64)
