"""TSG-RF (sentence grounding with relevance feedback, NeurIPS 2024): half of the queries have no answer.

One JSON object per split: {video: {duration, sts: [{sentence, id, timestamp, no_answer}]}}, where `timestamp` is [] if
there is no answer. Validation and test are made so; training is the data set's own, with answers only. The durations of
Charades' training videos come from `charades.json` beside the text file.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from whenabouts.benchmarks import charades_sta
from whenabouts.benchmarks.example import NO_WINDOWS, Dataset, Example
from whenabouts.benchmarks.formats import captioned_videos
from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row, read_json

__all__ = ["ACTIVITYNET_RF", "CHARADES_RF"]


def _read(path: Path, split: str) -> list[Example]:
    if split == "train":
        return (
            captioned_videos(path) if path.suffix == ".json" else _with_durations(charades_sta.read(path, split), path)
        )
    content = read_json(path)
    if not isinstance(content, dict) or not content:
        raise AnnotationError(f"{path}: the file must hold a JSON object with videos in it")
    return [
        _example(video, row.number("duration"), sentence)
        for video, data in content.items()
        for row in [Row(data, f"{path}, {video}")]
        for sentence in row.rows("sts")
    ]


def _example(video: str, duration: float, row: Row) -> Example:
    absent = row["no_answer"]
    if not isinstance(absent, bool):
        row.refuse("no_answer", "must be true or false")
    if absent and row.entries("timestamp"):
        row.refuse("timestamp", "must be [] where there is no answer")
    windows = NO_WINDOWS if absent else np.array([row.pair("timestamp")])
    kind = "other video" if absent else None
    return Example(row.name("id"), video, row.text("sentence"), windows, duration, absent=kind, where=row.where)


def _with_durations(examples: list[Example], path: Path) -> list[Example]:
    beside = path.parent / "charades.json"
    if not beside.is_file():
        return examples
    known = {video: Row(data, f"{beside}, {video}") for video, data in dict(read_json(beside)).items()}
    return [
        dataclasses.replace(e, duration=known[e.video].number("duration")) if e.video in known else e for e in examples
    ]


CHARADES_RF = Dataset(
    name="charades-rf",
    title="Charades-STA-RF",
    task="TSG",
    protocol="tsg-rf",
    licence="Charades: non-commercial research",
    source="https://github.com/HuiGuanLab/RaTSG",
    paper="NeurIPS 2024, Temporal Sentence Grounding with Relevance Feedback in Videos",
    files={
        "train": ("charades_sta_train.txt",),
        "val": ("charades_sta_val2.0.json",),
        "test": ("charades_sta_test2.0.json",),
    },
    read=_read,
    confirmed="read whole",
)

ACTIVITYNET_RF = dataclasses.replace(
    CHARADES_RF,
    name="activitynet-rf",
    title="ActivityNet-RF",
    licence="not stated",
    files={
        "train": ("train.json",),
        "val": ("activitynet_val2.0.json",),
        "test": ("activitynet_test2.0.json",),
    },
    confirmed="by the official reader; val and test were not at hand",
)
