"""Indices of the store: on text and on video identifiers always, on vectors from 100,000 of them on.

The vector index is IVF with scalar quantisation to one byte per dimension; its best candidates are compared again with
the stored vectors. Rows that are newer than the index are searched exhaustively until it is updated, so new videos are
found at once.
"""

from __future__ import annotations

from typing import Any

__all__ = ["MIN_INDEXED_VECTORS", "build", "nearest"]

MIN_INDEXED_VECTORS = 100_000  # fewer are searched exhaustively
PROBED_CELLS = 24  # per query
REFINE_FACTOR = 4  # candidates compared exactly, as a multiple of the number of results
KMEANS_SAMPLES, KMEANS_ITERATIONS = 64, 15  # vectors per cell; rounds


def build(shots: Any, lines: Any) -> bool:
    """Build the indices that are missing; returns whether the vectors have one. `optimize` keeps them up to date."""
    from lancedb.index import FTS, BTree

    for table, column, config in (
        (lines, "text", FTS(remove_stop_words=False)),  # "to be or not to be" is a query
        (lines, "sha256", BTree()),
        (shots, "sha256", BTree()),
    ):
        if not _indexed(table, column):
            table.create_index(column, config=config)
    count = shots.count_rows()
    if count < MIN_INDEXED_VECTORS:
        return False
    if not _indexed(shots, "vector"):
        build_vectors(shots, count)
    return True


def build_vectors(shots: Any, count: int) -> None:
    """Build the index of `count` vectors, with cells of about 4 √count vectors."""
    from lancedb.index import IvfSq

    cells = max(16, round(count**0.5 / 4))
    config = IvfSq(
        distance_type="dot", num_partitions=cells, sample_rate=KMEANS_SAMPLES, max_iterations=KMEANS_ITERATIONS
    )
    shots.create_index("vector", config=config)


def nearest(shots: Any, vector: Any, count: int, where: str | None = None, *, exact: bool = False) -> Any:
    """The `count` stretches with the highest dot product, as an Arrow table with a column `_distance` = 1 - product.

    where: an SQL condition on the rows
    exact: search exhaustively, without the index
    """
    query = shots.search(vector, vector_column_name="vector").metric("dot").limit(count)
    query = query.bypass_vector_index() if exact else query.nprobes(PROBED_CELLS).refine_factor(REFINE_FACTOR)
    return (query.where(where, prefilter=True) if where else query).to_arrow()


def _indexed(table: Any, column: str) -> bool:
    return any(column in index.columns for index in table.list_indices())
