"""QVHighlights (arXiv:2107.09609): 150 s clips, disjoint moments on a 2 s grid, three ratings per 2 s clip.

The released test split has no ground truth; `highlight_test_with_gt.jsonl` appeared later. Durations are not
always 150 s, and 35 of the 1550 validation queries have no clip that anyone rated Very Good.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import moment_lines

__all__ = ["QVHIGHLIGHTS"]


def _read(path: Path, split: str) -> list[Example]:
    return moment_lines(path)


QVHIGHLIGHTS = Dataset(
    name="qvhighlights",
    title="QVHighlights",
    task="MR",
    protocol="qvhighlights",
    licence="annotations CC BY-NC-SA 4.0",
    source="https://github.com/jayleicn/moment_detr/tree/main/data",
    paper="arXiv:2107.09609",
    files={
        "train": ("highlight_train_release.jsonl",),
        "val": ("highlight_val_release.jsonl",),
        "test": ("highlight_test_with_gt.jsonl", "highlight_test_release.jsonl"),
    },
    read=_read,
    confirmed="read whole",
    default_split="val",
)
