"""Files of the cache that were damaged: each is made again, and never an error."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from fuzz import sound
from fuzz.target import Target
from fuzz.verdict import Wrong
from whenabouts.encoders.features import _read as read_vectors
from whenabouts.encoders.kept import kept_vectors
from whenabouts.errors import WhenaboutsError
from whenabouts.evidence.found import Found, remembered_stretches
from whenabouts.evidence.likeness import _read as read_queries
from whenabouts.evidence.placed import _read as read_edges
from whenabouts.evidence.sound.events import _read as read_sounds
from whenabouts.files.cache import cache_folder
from whenabouts.files.journal import resume
from whenabouts.files.sealed import seal

TEXTS = ["a dog", "a cat"]
MADE = {"version": "1", "model": "m"}


class Lengths:
    """An encoder of sentences."""

    name, dim, sha256 = "lengths", 4, "0" * 64

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[len(text)] * 4 for text in texts], np.float32)


def seeds(folder: Path) -> Mapping[str, bytes]:
    """One file of every kind."""
    with (folder / "vectors.npy").open("wb") as file:
        np.save(file, np.ones((4, 3), "<f2"))
        np.save(file, np.int64(4))
    np.savez(folder / "queries.npz", vectors=np.ones((2, 3), np.float16))
    np.savez(folder / "sounds.npz", rows=np.ones((2, 3), np.float16))
    (folder / "edges.json").write_text("[[1.5, 1.25, 0.1], [2.0, 2.25, 0.5]]")
    (folder / "found.json").write_text(json.dumps([{"what": "cut", "start": 1.0, "end": 2.0, "strength": 0.5}]))
    (folder / "journal.jsonl").write_text('{"qid": 1, "a": [1, 2]}\n{"qid": 2}\n{"qid": 3, "half')
    with closing(sqlite3.connect(folder / "sentences.sqlite")) as store:
        store.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB)")
        rows = [(hashlib.sha256(t.encode()).digest(), np.ones(4, "<f2").tobytes()) for t in TEXTS]
        store.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
        store.commit()
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


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
    if name == "vectors.npy":
        seal(path)
        if (found := read_vectors(path)) is not None:
            np.asarray(found[0]).sum()
    elif name == "queries.npz":
        read_queries(path, 2, 3)
    elif name == "sounds.npz":
        read_sounds(path)
    elif name == "edges.json":
        seal(path)
        read_edges(path)
    elif name == "journal.jsonl":
        path.with_suffix(".receipt.json").write_text(json.dumps(MADE))
        sound.require(all(isinstance(row, dict) for row in resume(path, MADE)), "a row that is no object")
    elif name == "sentences.sqlite":
        store = cache_folder() / "sentences" / f"{Lengths.name}-{Lengths.sha256[:16]}.sqlite"
        store.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, store)
        vectors = kept_vectors(Lengths(), [*TEXTS, "three"])  # type: ignore[arg-type]
        sound.require(vectors.shape == (3, 4), f"vectors of shape {vectors.shape}")
        store.unlink(missing_ok=True)
    else:
        _stretches(path)


def _stretches(path: Path) -> None:
    key = hashlib.sha256(json.dumps({"of": "x"}, sort_keys=True).encode()).hexdigest()
    place = cache_folder() / "found" / f"{key}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, place)
    for one in remembered_stretches(lambda: [Found("cut", 0.0, 1.0)], cache=True, of="x"):
        sound.require(isinstance(one.what, str), f"{one}")


TARGET = Target(
    seeds, run, tokens=(b"PK\x01\x02", b"vectors.npy", b"'descr'", b"SQLite format 3\0", b"null", b"1e999", b"[[")
)
