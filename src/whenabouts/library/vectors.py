"""Indices of the store: of vectors from a hundred thousand on, of words always."""

from __future__ import annotations

from typing import Any

__all__ = ["INDEXED", "build", "nearest"]

INDEXED = 100_000  # vectors from which an index pays; fewer are compared one by one
PROBED, REFINED = 24, 8  # cells looked into, and how many times too many candidates are compared exactly


def build(shots: Any, lines: Any) -> bool:
    """Build what is missing, or bring it up to date; whether vectors have an index."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if lines.count_rows():
            lines.create_fts_index("text", replace=True)
    count = shots.count_rows()
    if count < INDEXED:
        return False
    if any("vector" in index.columns for index in shots.list_indices()):
        shots.optimize()
        return True
    cells = max(16, round(count**0.5 / 2))
    shots.create_index(metric="dot", vector_column_name="vector", index_type="IVF_SQ", num_partitions=cells)
    return True


def nearest(shots: Any, vector: Any, count: int, where: str | None = None, *, exact: bool = False) -> Any:
    """The rows of `count` stretches with the highest dot product, as an Arrow table with `_distance` = 1 - product."""
    query = shots.search(vector, vector_column_name="vector").metric("dot").limit(count)
    query = query.bypass_vector_index() if exact else query.nprobes(PROBED).refine_factor(REFINED)
    return (query.where(where, prefilter=True) if where else query).to_arrow()
