"""ActivityNet Captions (arXiv:1705.00754): several sentences per video, whole events of about 36 s.

val_1 and val_2 are two annotations of the same 4885 videos: nothing learnt from one may be tested on the other.
2D-TAN calls them val and test, lighthouse calls val_1 val, Time-R1 calls val_2 test. The sentences of a video come in
order, so that words like "then" give their time away.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import captioned_videos, moment_lines

__all__ = ["ACTIVITYNET_CAPTIONS"]


def _read(path: Path, split: str) -> list[Example]:
    return moment_lines(path) if path.suffix == ".jsonl" else captioned_videos(path)


ACTIVITYNET_CAPTIONS = Dataset(
    name="activitynet-captions",
    title="ActivityNet Captions",
    task="TSG",
    protocol="2d-tan",
    licence="not stated",
    source="https://cs.stanford.edu/people/ranjaykrishna/densevid and https://github.com/microsoft/2D-TAN",
    paper="arXiv:1705.00754",
    files={
        "train": ("train.json", "activitynet_train_release.jsonl"),
        "val_1": ("val_1.json", "val.json", "activitynet_val_release.jsonl"),
        "val_2": ("val_2.json", "test.json"),
    },
    read=_read,
    confirmed="read whole",
    default_split="val_2",
    notes="val_1 and val_2 are the same videos",
)
