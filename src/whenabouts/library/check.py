"""How much of exact search the index of vectors finds."""

from __future__ import annotations

import numpy as np

from whenabouts.library.store import Library
from whenabouts.library.vectors import nearest

__all__ = ["recall"]

TOP = 20
NOISE = 0.3  # of a stored vector's length; a query lies near stored vectors and is none


def recall(library: Library, queries: int = 50, seed: int = 0) -> float:
    """Mean share of the 20 best stretches that the index finds too, for noisy copies of stored vectors; 1 without."""
    shots = library.table("shots")
    count = shots.count_rows()
    if not count:
        return 1.0
    rng = np.random.default_rng(seed)
    rows = rng.choice(count, min(queries, count), replace=False)
    found = []
    for offset in rows.tolist():
        [row] = shots.search().limit(1).offset(offset).select(["vector"]).to_arrow()["vector"].to_pylist()
        vector = np.asarray(row, np.float32)
        noise = rng.normal(size=len(vector)).astype(np.float32)
        query = vector + NOISE * noise * np.linalg.norm(vector) / np.linalg.norm(noise)
        exact, quick = (
            {(r["sha256"], r["start"]) for r in nearest(shots, query, TOP, exact=how).to_pylist()}
            for how in (True, False)
        )
        found.append(len(exact & quick) / max(1, len(exact)))
    return float(np.mean(found))
