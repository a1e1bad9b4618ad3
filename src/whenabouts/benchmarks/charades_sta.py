"""Charades-STA (arXiv:1705.02101): one sentence, one window, indoor videos of about 30 s.

The text file has `VIDEO START END##sentence` without durations; those come from a CSV file with the columns id and
length beside it (Charades' own, or `durations_<split>.csv`). Annotated ends are often beyond the end of the video, and
four training rows are inverted. Two readings are in use, and their numbers differ:

    charades-sta          as annotated (TimeSuite, Time-R1, lmms-eval)
    charades-sta-clamped  ends clamped to the duration, then start < end kept (2D-TAN, CG-DETR, lighthouse)
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import captioned_videos, moment_lines
from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row, read_csv, read_text

__all__ = ["CHARADES_STA", "CHARADES_STA_CLAMPED", "clamp", "read"]


def read(path: Path, split: str) -> list[Example]:
    """The text file, the JSON Lines of CG-DETR and lighthouse, or the JSON of Time-R1."""
    if path.suffix == ".jsonl":
        return moment_lines(path)
    if path.suffix == ".json":
        return captioned_videos(path)
    durations = _durations(path, split)
    examples: list[Example] = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            examples.append(_line(line, f"{path}, line {number}", len(examples), durations))
    return examples


def clamp(examples: list[Example]) -> list[Example]:
    """End every window with its video, then leave out windows that do not end after they start."""
    kept = []
    for e in examples:
        if e.duration is None:
            raise AnnotationError(
                f"{e.where}: the duration of {e.video} is not known; put durations_<split>.csv beside the file"
            )
        windows = np.column_stack([e.windows[:, 0], np.minimum(e.windows[:, 1], e.duration)])
        windows = windows[windows[:, 0] < windows[:, 1]]
        if len(windows):
            kept.append(dataclasses.replace(e, windows=windows))
    return kept


def _line(line: str, where: str, index: int, durations: dict[str, float]) -> Example:
    head, mark, sentence = line.rstrip("\r").partition("##")
    fields = head.split()
    if not mark or len(fields) != 3:
        raise AnnotationError(f"{where}: the line must read 'VIDEO START END##sentence'")
    row = Row({"video": fields[0], "start": fields[1], "end": fields[2]}, where, quoted=True)
    window = np.array([[row.number("start"), row.number("end")]])
    return Example(index, fields[0], sentence, window, durations.get(fields[0]), numbered=True, where=where)


def _durations(path: Path, split: str) -> dict[str, float]:
    names = (f"durations_{split}.csv", f"Charades_v1_{split}.csv", f"durations_{path.stem.rpartition('_')[2]}.csv")
    for name in names:
        if (path.parent / name).is_file():
            return {row.text("id"): row.number("length") for row in read_csv(path.parent / name)}
    return {}


def _read_clamped(path: Path, split: str) -> list[Example]:
    return clamp(read(path, split))


CHARADES_STA = Dataset(
    name="charades-sta",
    title="Charades-STA",
    task="TSG",
    protocol="charades-sta",
    licence="Charades: non-commercial research",
    source="https://github.com/microsoft/2D-TAN/tree/master/data/Charades-STA and https://prior.allenai.org/projects/charades",
    paper="arXiv:1705.02101",
    files={
        "train": ("charades_sta_train.txt", "charades_sta_train_tvr_format.jsonl", "charades_train_release.jsonl"),
        "test": ("charades_sta_test.txt", "charades_sta_test_tvr_format.jsonl", "charades_test_release.jsonl"),
    },
    read=read,
    confirmed="text and JSON Lines read whole",
)

CHARADES_STA_CLAMPED = dataclasses.replace(
    CHARADES_STA, name="charades-sta-clamped", title="Charades-STA (clamped)", protocol="2d-tan", read=_read_clamped
)
