"""Windows of people who annotated queries again, as Otani et al. 2020 (2009.00325) publish them.

CSV with the columns video_id, description, start and end, one row a person; times are per cent of the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError
from whenabouts.evaluation.unlike import letters, stem
from whenabouts.files.records import read_csv

__all__ = ["read_opinions"]


def read_opinions(path: Path, examples: Sequence[Example]) -> dict[str | int, NDArray[np.float64]]:
    """(K, 2) windows in seconds by qid, from a CSV file or all of a directory; rows of other queries are passed over.

    Queries whose video has no known duration are passed over too. Raises InputError where there is no such file,
    AnnotationError naming file, line and column.
    """
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise InputError(f"{path} has no CSV file of windows")
    known = {(_video(e.video), letters(e.query)): e for e in examples if e.duration}
    found: dict[str | int, list[tuple[float, float]]] = {}
    for file in files:
        for row in read_csv(file):
            e = known.get((_video(row.text("video_id")), letters(row.text("description"))))
            start, end = row.number("start"), row.number("end")
            if e is not None and e.duration and start < end:
                found.setdefault(e.qid, []).append((start * e.duration / 100, end * e.duration / 100))
    return {qid: np.array(windows) for qid, windows in found.items()}


def _video(name: str) -> str:
    """ActivityNet's names begin with v_ in its captions, and not in the re-annotations."""
    return stem(name).removeprefix("v_")
