"""YouTube Highlights (ECCV 2014), in the files of UniVTG and CG-DETR: clips of 100 frames that overlap by half.

A clip is a highlight (1) or not (0), one label each; the query is the domain, such as "dog". Files have clips
in frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import read_lines

__all__ = ["YOUTUBE_HIGHLIGHTS"]


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    for row in read_lines(path):
        labels, frames = row.table("label", 1), row.table("clip", 2)
        if len(labels) != len(frames):
            row.refuse("label", f"has {len(labels)} entries for {len(frames)} clips")
        if (fps := row.number("fps")) <= 0:
            row.refuse("fps", f"must be positive, not {fps:g}")
        example = Example(
            row.name("qid"),
            row.text("vid"),
            row.text("query"),
            np.zeros((0, 2)),
            row.number("duration"),
            saliency=labels,
            clips=frames / fps,
            group=row.text("domain"),
            where=row.where,
        )
        examples.append(example)
    return examples


YOUTUBE_HIGHLIGHTS = Dataset(
    name="youtube-highlights",
    title="YouTube Highlights",
    task="HL",
    protocol="youtube-highlights",
    licence="not stated in these files; the repository is MIT",
    source="https://github.com/wjun0830/CGDETR/tree/main/data/youtube_uni and https://github.com/aliensunmin/DomainSpecificHighlight",
    paper="ECCV 2014, Sun et al.",
    files={
        "train": ("youtube_train.jsonl", "youtube_highlight_train_release.jsonl"),
        "val": ("youtube_valid.jsonl", "youtube_highlight_val_release.jsonl"),
    },
    read=_read,
    confirmed="read whole",
    default_split="val",
)
