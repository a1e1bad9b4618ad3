"""Why a prediction misses, in the terms of ExtremeWhenBench (arXiv:2606.12300).

- `parse`:        the answer could not be read.
- `localisation`: the best moment overlaps a true one, but too little.
- `ranking`:      a right moment was given, but not first.
- `search`:       no region that was looked at overlaps a true moment.
- `recognition`:  one was looked at, and something else was taken for it; without a shortlist this includes `search`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.predictions import read_answers
from whenabouts.files.records import Row, read_lines
from whenabouts.moment import intersection, tiou

__all__ = ["KINDS", "attribute", "attribute_all", "shares"]

KINDS = ("hit", "search", "recognition", "ranking", "localisation", "parse")
Windows = Sequence[Sequence[float]] | NDArray[Any]


def attribute(
    windows: Windows,
    truth: Windows,
    *,
    shortlist: Windows | None = None,
    failed: bool = False,
    threshold: float = 0.5,
) -> str:
    """One of `KINDS`: of ranked `windows` [start, end], against true ones, all in seconds.

    shortlist: the regions that were looked at, where there were such        failed: the answer could not be read
    """
    truth = np.asarray(truth, float).reshape(-1, 2)
    given = np.asarray(windows, float).reshape(-1, np.shape(windows)[-1] if len(windows) else 2)[:, :2]
    overlaps = tiou(given, truth).max(axis=1) if len(given) else np.zeros(0)
    if len(overlaps) and overlaps[0] >= threshold:
        return "hit"
    if failed:
        return "parse"
    if len(overlaps) and overlaps[0] > 0:
        return "localisation"
    if (overlaps >= threshold).any():
        return "ranking"
    looked = None if shortlist is None else np.asarray(shortlist, float).reshape(-1, 2)
    if looked is not None and not (len(looked) and intersection(looked, truth).max() > 0):
        return "search"
    return "recognition"


def attribute_all(predictions: Path, examples: Sequence[Example], *, threshold: float = 0.5) -> tuple[list[str], bool]:
    """One of `KINDS` for every example, and whether the file names the regions that were looked at.

    `predictions` is a file that `evaluation.predictions` reads. Raises AnnotationError naming file, row and field.
    """
    answers, rows = read_answers(predictions, examples), _rows(predictions)
    kinds = []
    for e in examples:
        row: Mapping[str, Any] = rows.get(str(e.qid), {})
        failed = bool(row.get("failure")) or e.qid not in answers
        windows, shortlist = answers.get(e.qid, []), row.get("shortlist")
        kinds.append(attribute(windows, e.windows, shortlist=shortlist, failed=failed, threshold=threshold))
    return kinds, any("shortlist" in row for row in rows.values())


def shares(kinds: Iterable[str]) -> dict[str, float]:
    """The share of each kind, in the order of `KINDS`; all are there."""
    counts = Counter(kinds)
    total = max(1, sum(counts.values()))
    return {kind: counts[kind] / total for kind in KINDS}


def _rows(path: Path) -> dict[str, Row]:
    """Rows of a JSON Lines file by qid; of other files nothing more than windows is known."""
    rows = read_lines(path) if path.suffix == ".jsonl" else []
    return {str(row["qid"]): row for row in rows if "qid" in row}
