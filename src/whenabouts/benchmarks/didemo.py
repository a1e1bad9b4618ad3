"""DiDeMo (arXiv:1708.01641): videos of five or six segments of 5 s, four opinions on each query, some seven.

An annotation is a pair of inclusive segment numbers; here it is seconds, [5 a, 5 (b + 1)]. The windows of an example
are opinions on one moment, not several moments. The files do not state the durations of the videos.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import read_json, read_rows

__all__ = ["DIDEMO", "SEGMENT"]

SEGMENT = 5.0  # seconds


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    for row in read_rows(read_json(path), f"{path}"):
        segments = row.table("times", 2)
        windows = SEGMENT * segments + [0.0, SEGMENT]
        qid = row.name("annotation_id")
        examples.append(Example(qid, row.text("video"), row.text("description"), windows, where=row.where))
    return examples


DIDEMO = Dataset(
    name="didemo",
    title="DiDeMo",
    task="TSG",
    protocol="didemo",
    licence="BSD-2-Clause (repository)",
    source="https://github.com/LisaAnne/LocalizingMoments/tree/master/data",
    paper="arXiv:1708.01641",
    files={split: (f"{split}_data.json",) for split in ("train", "val", "test")},
    read=_read,
    confirmed="val and test read whole",
)
