"""ExtremeWhenBench (arXiv:2606.12300): 2273 questions to 194 videos of an hour and more.

One row per question (qid, video_id, question, correct_interval, video_duration_s, category), as a JSON list, as JSON
Lines, or under "questions". Parse failures count as an IoU of 0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import Row, read_json, read_lines, read_rows

__all__ = ["EXTREMEWHENBENCH"]


def _rows(path: Path) -> list[Row]:
    if path.suffix == ".jsonl":
        return read_lines(path)
    content = read_json(path)
    return read_rows(
        content["questions"] if isinstance(content, dict) and "questions" in content else content, f"{path}"
    )


def _read(path: Path, split: str) -> list[Example]:
    return [
        Example(
            row.name("qid"),
            row.text("video_id"),
            row.text("question"),
            np.array([row.pair("correct_interval")]),
            row.number("video_duration_s", None),
            group=row.text("category") if "category" in row else None,
            where=row.where,
        )
        for row in _rows(path)
    ]


EXTREMEWHENBENCH = Dataset(
    name="extremewhenbench",
    title="ExtremeWhenBench",
    task="TSG",
    protocol="extremewhenbench",
    licence="annotations CC BY 4.0",
    source="https://huggingface.co/datasets/min1321/extreme-when-bench",
    paper="arXiv:2606.12300",
    files={"test": ("extremewhenbench.json", "extremewhenbench.jsonl", "test.json", "test.jsonl")},
    read=_read,
    confirmed="by the row shown by its authors and their script; the file itself was not at hand",
)
