"""Vectors of sentences, each computed once and kept on disk by its text and the encoder's weights.

A second question about the same hour of speech finds all its lines here. One SQLite file for each encoder holds
vectors of float16, each with a checksum; many processes may share it. A file that is damaged or cannot be written costs
only the speed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import not_kept
from whenabouts.progress import Fraction

__all__ = ["TextEncoder", "kept_vectors"]

BATCH = 64  # texts between two reports of progress
CHECK = 8  # bytes
WAIT = 2.0  # seconds for another process that writes


class TextEncoder(Protocol):
    """Sentences as vectors of `dim` numbers; `sha256` identifies the weights."""

    name: str
    dim: int
    sha256: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (N, dim) float32."""
        ...


def kept_vectors(
    encoder: TextEncoder, texts: Sequence[str], *, cache: bool = True, progress: Fraction | None = None
) -> NDArray[np.float32]:
    """Vectors (N, dim) float32 of all texts, of float16 precision, cached or not; equal texts are encoded once.

    Texts are encoded in order of length and stored batch by batch, so what was done before an interrupt is kept.
    `progress` receives the fraction done. Raises ModelError.
    """
    keys = [hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest() for text in texts]
    path = cache_folder() / "sentences" / f"{encoder.name}-{encoder.sha256[:16]}.sqlite" if cache else None
    known = _read(path, list(dict.fromkeys(keys)), encoder.dim) if path else {}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    ordered = sorted(missing.items(), key=lambda one: (len(one[1]), one[1]))
    for first in range(0, len(ordered), BATCH):
        batch = ordered[first : first + BATCH]
        vectors = encoder.encode([text for _, text in batch]).astype(np.float16)
        known |= {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        if path:
            _write(path, {key: known[key] for key, _ in batch})
        if progress:
            progress(1 - len(ordered[first + BATCH :]) / len(ordered))
    if progress:
        progress(1.0)
    if not keys:
        return np.zeros((0, encoder.dim), dtype=np.float32)
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _read(path: Path, keys: Sequence[bytes], dim: int) -> dict[bytes, NDArray[np.float16]]:
    known: dict[bytes, NDArray[np.float16]] = {}
    if not path.is_file():
        return known
    try:
        with closing(sqlite3.connect(path, timeout=WAIT)) as store:
            for key in keys:
                found = store.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if found and isinstance(found[0], bytes) and len(found[0]) == 2 * dim + CHECK:
                    vector, check = found[0][: 2 * dim], found[0][2 * dim :]
                    if check == _check(key, vector):
                        known[key] = np.frombuffer(vector, dtype="<f2")
    except sqlite3.OperationalError:  # locked, or without the table: computed again
        return known
    except (sqlite3.Error, ValueError, OverflowError):  # not a store: written anew
        with suppress(OSError):
            path.unlink()
    return known


def _write(path: Path, vectors: dict[bytes, NDArray[np.float16]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT)) as store, store:
            store.execute("PRAGMA synchronous = OFF")  # a cache: what a power failure loses is computed again
            store.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
            rows = [(key, vector.astype("<f2").tobytes()) for key, vector in vectors.items()]
            checked = [(key, vector + _check(key, vector)) for key, vector in rows]
            store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", checked)
    except (OSError, sqlite3.Error) as error:
        not_kept(path.parent, error)


def _check(key: bytes, vector: bytes) -> bytes:
    return hashlib.blake2b(key + vector, digest_size=CHECK).digest()
