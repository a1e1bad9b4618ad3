"""TACoS (TACL 2013), in the files of 2D-TAN: long cooking videos, boundaries in frames at 29.4 per second.

Of its rows 1207, 519 and 574 are exact duplicates, and 1710, 796 and 839 repeat a query of the same video, often with
another window: metrics of one window per row have a ceiling here.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import captioned_videos, moment_lines

__all__ = ["TACOS"]


def _read(path: Path, split: str) -> list[Example]:
    return moment_lines(path) if path.suffix == ".jsonl" else captioned_videos(path)


TACOS = Dataset(
    name="tacos",
    title="TACoS",
    task="TSG",
    protocol="2d-tan",
    licence="not stated",
    source="https://github.com/microsoft/2D-TAN/tree/master/data/TACoS",
    paper="TACL 2013, Regneri et al.",
    files={
        split: (f"{split}.json", f"{split}.jsonl", f"tacos_{split}_release.jsonl") for split in ("train", "val", "test")
    },
    read=_read,
    confirmed="read whole",
)
