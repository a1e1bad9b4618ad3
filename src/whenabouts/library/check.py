"""Whether a library is complete, and the recall of its approximate vector index against exact search."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.schema import among
from whenabouts.library.store import Library, is_panic
from whenabouts.library.vectors import nearest

__all__ = ["exact", "faults", "neighbours", "recall"]

TOP = 20
QUERY_NOISE = 0.3  # fraction of a stored vector's length: a query is near stored vectors without being one of them
PRODUCT_TOLERANCE = 1e-4  # relative; smaller differences of products are below single precision
TABLES, ROWS = ("videos", "places", "problems", "shots", "lines"), ("shots", "lines")  # those with rows per video
INDEXED = {"shots": ("vector", "vector"), "lines": ("text", "fts")}  # column, and how it is searched
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
    """What is wrong with a library, in words: tables or indices that cannot be read, and rows that are of no video.

    Raises LibraryError where it is not readable at all.
    """
    found = []
    with library.reading() as table:
        found += [f"the table {name} cannot be read" for name in TABLES if not _works(partial(_read, table, name))]
        if found:
            return found
        videos = library.videos().values()
        for name in ROWS:
            rows, wanted = table(name).count_rows(), sum(video[name] for video in videos)
            if rows != wanted:
                found.append(f"the table {name} has {rows} rows, its videos have {wanted}")
        found += [] if found else _unusable(table, library.videos())
    return found


def _read(table: Callable[[str], Any], name: str) -> bool:
    for _ in table(name).search().to_batches():
        pass
    return True


def _unusable(table: Callable[[str], Any], videos: Collection[str]) -> list[str]:
    """Which tables have an index that does not find what is in them."""

    def by_video(name: str) -> bool:
        return bool(table(name).count_rows(among("sha256", videos)) == table(name).count_rows())

    def by_content(name: str) -> bool:
        column, kind = INDEXED[name]
        for row in table(name).search().select([column]).limit(1).to_list():
            if kind == "vector" or any(map(str.isalnum, row[column])):
                return bool(table(name).search(row[column], query_type=kind).limit(1).to_list())
        return True

    def works(name: str) -> bool:
        return _works(lambda: (not videos or by_video(name)) and by_content(name))

    return [f"an index of the table {name} cannot be read" for name in ROWS if not works(name)]


def _works(look: Callable[[], bool]) -> bool:
    """Whether LanceDB can do something, and with the right result."""
    try:
        return look()
    except BaseException as error:
        if not (isinstance(error, OSError | ValueError | RuntimeError) or is_panic(error)):
            raise
        return False
