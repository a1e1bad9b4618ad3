"""ActivityNet 1.3: temporal action localisation, 200 classes, about 20 000 videos.

Not to be confused with ActivityNet Captions. 12 annotations do not end after they start, 215 end after the video and 45
are duplicates; the official toolkit keeps them, OpenTAD does not (`metrics`). Its list of blocked videos
came from a server that no longer answers.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import activity_database

__all__ = ["ACTIVITYNET"]

SUBSETS = {"train": ("training",), "val": ("validation",), "test": ("testing",)}


def _read(path: Path, split: str) -> list[Example]:
    return activity_database(path, *SUBSETS[split])


ACTIVITYNET = Dataset(
    name="activitynet-1.3",
    title="ActivityNet 1.3",
    task="TAL",
    protocol="activitynet-1.3",
    licence="MIT (toolkit); videos belong to their owners",
    source="http://activity-net.org/download.html",
    paper="CVPR 2015, Caba Heilbron et al.",
    files=dict.fromkeys(SUBSETS, ("activity_net.v1-3.min.json",)),
    read=_read,
    confirmed="by the toolkit's own reader",
    default_split="val",
    subsets=SUBSETS,
)
