"""Indices of the store: of vectors from a hundred thousand on, of words and of videos always.

Vectors: IVF with one byte a dimension, whose best candidates are compared again with the stored vectors. Rows that came
after an index was built are compared one by one until it is renewed, so that nothing is ever missed for being new.
"""

from __future__ import annotations

from typing import Any

__all__ = ["INDEXED", "build", "nearest"]

INDEXED = 100_000  # vectors from which an index pays; fewer are compared one by one
PROBED, REFINED = 24, 4  # cells looked into, and how many times too many candidates are compared exactly
SAMPLE, ROUNDS = 64, 15  # vectors per cell and rounds of k-means


def build(shots: Any, lines: Any) -> bool:
    """Build what is missing; whether vectors have an index. `optimize` keeps them up to date."""
    from lancedb.index import FTS, BTree

    for table, column, config in (
        (lines, "text", FTS(remove_stop_words=False)),  # "to be or not to be" is a query
        (lines, "sha256", BTree()),
        (shots, "sha256", BTree()),
    ):
        if not _indexed(table, column):
            table.create_index(column, config=config)
    count = shots.count_rows()
    if count < INDEXED:
        return False
    if not _indexed(shots, "vector"):
        build_vectors(shots, count)
    return True


def build_vectors(shots: Any, count: int) -> None:
    """The index of `count` vectors: cells of about four times the root of all."""
    from lancedb.index import IvfSq

    cells = max(16, round(count**0.5 / 4))
    config = IvfSq(distance_type="dot", num_partitions=cells, sample_rate=SAMPLE, max_iterations=ROUNDS)
    shots.create_index("vector", config=config)


def nearest(shots: Any, vector: Any, count: int, where: str | None = None, *, exact: bool = False) -> Any:
    """The rows of `count` stretches with the highest dot product, as an Arrow table with `_distance` = 1 - product."""
    query = shots.search(vector, vector_column_name="vector").metric("dot").limit(count)
    query = query.bypass_vector_index() if exact else query.nprobes(PROBED).refine_factor(REFINED)
    return (query.where(where, prefilter=True) if where else query).to_arrow()


def _indexed(table: Any, column: str) -> bool:
    return any(column in index.columns for index in table.list_indices())
