"""Charades-CON and ActivityNet-CON (arXiv:2411.12951): whether answers agree with each other.

{video: {duration, sentences, timestamps, shifted_timestamps, consistency_annotations: [{A, M, C: {Y, N}}]}}. Every
sentence has three aligned rewordings, three misaligned ones, questions whose answer is yes or no, and the place to
which its moment is moved in the changed video `<video>_<number of the sentence>.mp4`, which users make.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example, Wordings
from whenabouts.benchmarks.formats import captioned_videos
from whenabouts.files.records import Row, read_json

__all__ = ["ACTIVITYNET_CON", "CHARADES_CON"]


def _read(path: Path, split: str) -> list[Example]:
    content = read_json(path)
    examples: dict[str, list[Example]] = {}
    for example in captioned_videos(path):
        examples.setdefault(example.video, []).append(example)
    return [
        dataclasses.replace(example, wordings=wordings)
        for video, of_video in examples.items()
        for example, wordings in zip(
            of_video, _wordings(Row(content[video], f"{path}, {video}"), len(of_video)), strict=True
        )
    ]


def _wordings(row: Row, count: int) -> list[Wordings]:
    told, shifted = row.rows("consistency_annotations"), row.table("shifted_timestamps", 2)
    for name, entries in (("consistency_annotations", told), ("shifted_timestamps", shifted)):
        if len(entries) != count:
            row.refuse(name, f"has {len(entries)} entries for {count} sentences")
    return [
        Wordings(_texts(one, "A"), _texts(one, "M"), _texts(questions, "Y"), _texts(questions, "N"), (start, end))
        for one, (start, end) in zip(told, shifted.tolist(), strict=True)
        for questions in [Row(one["C"], f"{one.where}, C")]
    ]


def _texts(row: Row, name: str) -> tuple[str, ...]:
    texts = row.entries(name)
    if not all(isinstance(text, str) for text in texts):
        row.refuse(name, "must be a list of texts")
    return tuple(texts)


CHARADES_CON = Dataset(
    name="charades-con",
    title="Charades-CON",
    task="TSG",
    protocol="con",
    licence="Charades: non-commercial research; annotations: not stated",
    source="https://github.com/minjoong507/Consistency-of-Video-LLM/tree/main/data",
    paper="arXiv:2411.12951",
    files={"test": ("charades_consistency_test.json",)},
    read=_read,
    confirmed="read whole",
)

ACTIVITYNET_CON = dataclasses.replace(
    CHARADES_CON,
    name="activitynet-con",
    title="ActivityNet-CON",
    licence="not stated",
    files={"test": ("activitynet_consistency_test.json",)},
)
