"""Whether a library is complete, and the recall of its approximate vector index against exact search."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.store import Library
from whenabouts.library.vectors import nearest

__all__ = ["exact", "faults", "neighbours", "recall"]

TOP = 20
QUERY_NOISE = 0.3  # fraction of a stored vector's length: a query is near stored vectors without being one of them
PRODUCT_TOLERANCE = 1e-4  # relative; smaller differences of products are below single precision
TABLES, ROWS = ("videos", "places", "problems", "shots", "lines"), ("shots", "lines")  # those with rows per video
BATCH_ROWS = 8192  # vectors in memory at once

Float = NDArray[np.float32]


def recall(shots: Any, queries: Float) -> float:
    """Mean share of the 20 best stretches that the index finds too, for query vectors (Q, dim).

    1 for an empty library or without queries. A stretch as near as the 20th best counts, since copies of a video have
    equal products.
    """
    count = shots.count_rows()
    if not count or not len(queries):
        return 1.0
    best = exact(shots, queries)
    shares = []
    for query, products in zip(queries, best, strict=True):
        vectors = nearest(shots, query, TOP)["vector"].combine_chunks().flatten().to_numpy().reshape(-1, len(query))
        found = vectors.astype(np.float32) @ query
        shares.append(
            min(1.0, float(np.sum(found >= products[-1] - PRODUCT_TOLERANCE * abs(products[-1])) / len(products)))
        )
    return float(np.mean(shares))


def exact(shots: Any, queries: Float) -> Float:
    """The 20 highest dot products of every query with all vectors, (Q, 20), highest first; one pass over the store."""
    best = np.full((len(queries), 0), 0, np.float32)
    for batch in shots.search().select(["vector"]).to_batches(BATCH_ROWS):
        vectors = batch["vector"].flatten().to_numpy().reshape(len(batch), -1).astype(np.float32)
        best = np.concatenate([best, queries @ vectors.T], axis=1)
        best = -np.sort(-best, axis=1)[:, :TOP]
    return best


def neighbours(shots: Any, count: int, seed: int = 0) -> Float:
    """Artificial queries: noisy copies of randomly chosen stored vectors, (count, dim) or fewer."""
    rows = shots.count_rows()
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(rows, min(count, rows), replace=False)).tolist()
    stored = [shots.search().select(["vector"]).limit(1).offset(row).to_arrow()["vector"][0] for row in chosen]
    if not stored:
        return np.zeros((0, 0), np.float32)
    vectors = np.array([vector.as_py() for vector in stored], np.float32)
    noise = rng.normal(size=vectors.shape).astype(np.float32)
    noise *= QUERY_NOISE * np.linalg.norm(vectors, axis=1, keepdims=True) / np.linalg.norm(noise, axis=1, keepdims=True)
    return vectors + noise


def faults(library: Library) -> list[str]:
    """What is wrong with a library, in words: tables that cannot be read, and rows that do not belong to a video.

    Raises LibraryError where it is not readable at all.
    """
    found = []
    with library.reading() as table:
        for name in TABLES:
            try:
                for _ in table(name).search().to_batches():
                    pass
            except (OSError, ValueError, RuntimeError):
                found.append(f"the table {name} cannot be read")
        if found:
            return found
        videos = library.videos().values()
        for name in ROWS:
            rows, wanted = table(name).count_rows(), sum(video[name] for video in videos)
            if rows != wanted:
                found.append(f"the table {name} has {rows} rows, its videos have {wanted}")
    return found
