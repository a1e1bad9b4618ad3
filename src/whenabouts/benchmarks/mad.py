"""MAD (arXiv:2112.00431): audio descriptions of whole videos, moments of a few seconds in hours.

One JSON object per split: {id: {movie, movie_duration, timestamps, ext_timestamps, sentence}}. The official baseline
uses `ext_timestamps`, and so does this reader; without them, `timestamps`. Annotations come after signing an NDA.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import Row, read_json

__all__ = ["MAD"]


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    for qid, data in Row(read_json(path), f"{path}").items():
        row = Row(data, f"{path}, {qid}")
        window = row.pair("ext_timestamps" if "ext_timestamps" in row else "timestamps")
        words, duration = row.text("sentence"), row.number("movie_duration")
        examples.append(Example(qid, row.text("movie"), words, np.array([window]), duration, where=row.where))
    return examples


MAD = Dataset(
    name="mad",
    title="MAD",
    task="TSG",
    protocol="mad",
    licence="non-disclosure agreement, signed",
    source="https://github.com/Soldelli/MAD",
    paper="arXiv:2112.00431",
    files={
        split: (f"MAD_{split}.json", f"{split}.json", f"annotations/MAD_{split}.json")
        for split in ("train", "val", "test")
    },
    read=_read,
    confirmed="by the reader of the official baseline; file names and files were not at hand",
)
