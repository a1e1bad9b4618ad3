"""Files of the cache that were damaged: what was kept comes back as it was or is made again, and never is an error."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fuzz import sound
from fuzz.target import Target
from fuzz.verdict import Wrong
from whenabouts.encoders.features import _read as read_vectors
from whenabouts.encoders.kept import kept_vectors
from whenabouts.errors import WhenaboutsError
from whenabouts.evidence.found import Found, remembered_stretches
from whenabouts.evidence.placed import _read as read_edges
from whenabouts.files.cache import cache_folder
from whenabouts.files.journal import Journal
from whenabouts.files.kept import keep, keep_rows, kept_rows
from whenabouts.files.sealed import seal

TEXTS = ["a dog", "a cat up there"]
ROWS = np.arange(6, dtype=np.float16).reshape(2, 3)
EDGES = {1.5: (1.25, 0.1), 2.0: (2.25, 0.5)}
CUTS = [Found("cut", 1.0, 2.0, 0.5)]
STRETCHES = f"{hashlib.sha256(json.dumps({'of': 'x'}, sort_keys=True).encode()).hexdigest()}.json"
MADE = {"version": "1", "model": "m"}


class Lengths:
    """An encoder of sentences."""

    name, dim, sha256 = "lengths", 4, "0" * 64

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[len(text)] * 4 for text in texts], np.float32)


SENTENCES = f"{Lengths.name}-{Lengths.sha256[:16]}.sqlite"


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    before = os.environ.get("WHENABOUTS_CACHE")
    os.environ["WHENABOUTS_CACHE"] = str(folder)
    yield
    if before is None:
        del os.environ["WHENABOUTS_CACHE"]
    else:
        os.environ["WHENABOUTS_CACHE"] = before


def seeds(folder: Path) -> Mapping[str, bytes]:
    """One file of every kind, as it is kept."""
    with (folder / "vectors.npy").open("wb") as file:
        np.save(file, ROWS)
        np.save(file, np.int64(2))
    keep_rows(folder / "rows", ROWS)
    keep(folder / "edges.json", json.dumps([[time, *edge] for time, edge in EDGES.items()]).encode())
    (folder / "journal.jsonl").write_text('{"qid": 1, "a": [1, 2]}\n{"qid": 2}\n{"qid": 3, "half')
    with _cache_in(folder / "cache"):
        kept_vectors(Lengths(), TEXTS)  # type: ignore[arg-type]
        remembered_stretches(lambda: CUTS, cache=True, of="x")
    shutil.move(folder / "cache" / "sentences" / SENTENCES, folder)
    shutil.move(folder / "cache" / "found" / STRETCHES, folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def run(path: Path) -> None:
    """Read it back; only a journal, which is the user's, may be refused."""
    try:
        _read(path)
    except WhenaboutsError as error:
        if path.name != "journal.jsonl":
            raise Wrong(f"a cache file is refused: {error}") from error
        raise


def _read(path: Path) -> None:
    name = path.name
    if name == "rows":
        rows = kept_rows(path)
        sound.require(rows is None or np.array_equal(rows, ROWS), f"rows {rows}")
    elif name == "edges.json":
        edges = read_edges(path)
        sound.require(edges in ({}, EDGES), f"edges {edges}")
    elif name == "vectors.npy":
        seal(path)  # as if it had been written so, by another version or by chance
        if (found := read_vectors(path)) is not None:
            np.asarray(found[0]).sum()
    elif name == "journal.jsonl":
        path.with_suffix(".receipt.json").write_text(json.dumps(MADE))
        with Journal(path, MADE) as journal:
            sound.require(all(isinstance(row, dict) for row in journal.rows), "a row that is no object")
    elif name == SENTENCES:
        store = _placed(path, "sentences")
        vectors = kept_vectors(Lengths(), [*TEXTS, "three"])  # type: ignore[arg-type]
        store.unlink(missing_ok=True)
        sound.require(vectors[:, 0].tolist() == [5, 14, 5], f"vectors {vectors}")
    else:
        _placed(path, "found")
        found_again = remembered_stretches(lambda: CUTS, cache=True, of="x")
        sound.require(found_again == CUTS, f"stretches {found_again}")


def _placed(path: Path, room: str) -> Path:
    place = cache_folder() / room / path.name
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, place)
    return place


TARGET = Target(seeds, run, tokens=(b"PK\x01\x02", b"'descr'", b"SQLite format 3\0", b"null", b"1e999", b"[["))
