"""TVSum (CVPR 2015) for highlight detection, in the files of UniVTG and CG-DETR: 20 people rated every 2 s clip.

The query is the video's title. `duration` counts clips, not seconds, except in the `_sfc` files: here a duration that
equals the number of clips is read as clips. There are four training videos and one test video per domain.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import read_lines

__all__ = ["TVSUM"]

ANNOTATORS = 20
CLIP = 2.0  # seconds


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    for row in read_lines(path):
        ratings = row.table("label", ANNOTATORS)
        duration = row.number("duration")
        seconds = CLIP * len(ratings) if duration == len(ratings) else duration
        example = Example(
            row.name("qid"),
            row.text("vid"),
            row.text("query"),
            np.zeros((0, 2)),
            seconds,
            clip_ids=np.arange(len(ratings)),
            saliency=ratings,
            group=row.text("domain"),
            where=row.where,
        )
        examples.append(example)
    return examples


TVSUM = Dataset(
    name="tvsum",
    title="TVSum",
    task="HL",
    protocol="tvsum",
    licence="not stated in these files; the repository is MIT",
    source="https://github.com/wjun0830/CGDETR/tree/main/data/tvsum and https://github.com/yalesong/tvsum",
    paper="CVPR 2015, Song et al.",
    files={
        "train": ("tvsum_train.jsonl", "tvsum_train_sfc.jsonl", "tvsum_train_release.jsonl"),
        "val": ("tvsum_val.jsonl", "tvsum_val_sfc.jsonl", "tvsum_val_release.jsonl"),
    },
    read=_read,
    confirmed="read whole",
    default_split="val",
)
