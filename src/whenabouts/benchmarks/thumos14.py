"""THUMOS14 (arXiv:1604.06182): temporal action localisation, 20 classes of sports.

G-TAD's copy names the subsets train and test and keeps segments as text; OpenTAD's and ActionFormer's name them
validation and test, DETAD's validation and testing. All are read.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import activity_database

__all__ = ["THUMOS14"]

SUBSETS = {"val": ("validation", "Validation", "val", "train"), "test": ("test", "Test", "testing")}
FILES = ("ground_truth.json", "thumos_gt.json", "thumos14.json", "thumos_14_anno.json")


def _read(path: Path, split: str) -> list[Example]:
    return activity_database(path, *SUBSETS[split])


THUMOS14 = Dataset(
    name="thumos14",
    title="THUMOS14",
    task="TAL",
    protocol="thumos14",
    licence="research; G-TAD's copy is in an Apache-2.0 repository",
    source="https://www.crcv.ucf.edu/THUMOS14 and https://github.com/frostinassiky/gtad",
    paper="arXiv:1604.06182",
    files=dict.fromkeys(SUBSETS, FILES),
    read=_read,
    confirmed="read whole",
    subsets=SUBSETS,
)
