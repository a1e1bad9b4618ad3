"""HI-VTG (RA-RFT, arXiv:2511.23151): queries that nearly happen, made from true ones by small or large edits.

A JSON list of rows with `video`, `timestamp`, perhaps `duration`, `query_text`, and the queries that are asked in
`GRPO`: `q`, the answer in words `a`, whether it happens `r`, and its `difficulty`: "original" where it does; "hard" is
a query of which little was changed, "easy" one of which much was. The query that it was made of is `query_text`, as
`q_origin` repeats the changed one in the published files. SS-VTG has sentences of other videos.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np

from whenabouts.benchmarks.example import NO_WINDOWS, Dataset, Example
from whenabouts.files.records import Row, read_lines

__all__ = ["HI_VTG"]

EDITED, SHUFFLED, HUMAN = "edited", "other video", "written by people"


def _read(path: Path, split: str) -> list[Example]:
    kind = SHUFFLED if split.startswith("ss_") else HUMAN if split == "human" else EDITED
    return [
        _example(row, asked, f"{number}-{place}", kind)
        for number, row in enumerate(read_lines(path))
        for place, asked in enumerate(row.rows("GRPO"))
    ]


def _example(row: Row, asked: Row, qid: str, kind: str) -> Example:
    happens = asked["r"]
    if not isinstance(happens, bool):
        asked.refuse("r", "must be true or false")
    difficulty = asked.text("difficulty") if asked.get("difficulty") is not None else None
    return Example(
        qid,
        _video(row.text("video")),
        asked.text("q"),
        np.array([row.pair("timestamp")]) if happens else NO_WINDOWS,
        row.number("duration", None),
        where=asked.where,
        absent=None if happens else kind,
        difficulty=None if happens else difficulty,
        original=None if happens or kind == SHUFFLED else row.text("query_text"),
    )


def _video(path: str) -> str:
    name = PurePosixPath(path).name
    return name.rpartition(".")[0] or name


HI_VTG = Dataset(
    name="hi-vtg",
    title="HI-VTG and SS-VTG",
    task="TSG",
    protocol="ra-rft-relevance",
    licence="Apache-2.0 (repository); videos belong to their data sets",
    source="https://github.com/JINSUBY/RA-RFT/tree/main/dataset/anno",
    paper="arXiv:2511.23151",
    files={
        "charades": ("hi_vtg_charades.json",),
        "activitynet": ("hi_vtg_activitynet.json",),
        "tvgbench": ("hi_vtg_tvgbench.json",),
        "human": ("human_anno.json",),
        "ss_charades": ("ss_vtg_charades.json",),
        "ss_activitynet": ("ss_vtg_activitynet.json",),
        "ss_qvhighlights": ("ss_vtg_qvhighlight.json",),
    },
    read=_read,
    confirmed="read whole, but for those of ActivityNet, which were not at hand",
    default_split="charades",
)
