"""Audio moment retrieval (arXiv:2409.15672): moments of what is only heard, in the JSON Lines of Lighthouse.

Rows of features are one second. Clotho-Moment puts captioned sounds of Clotho at random into walks of a minute; the
subset of UnAV-100 and TUT Sound Events 2017 are real recordings for testing alone; CASTELLA is recorded and described
by people, with several moments a query and up to five minutes a file.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import moment_lines

__all__ = ["CASTELLA", "CLOTHO_MOMENT", "TUT2017", "UNAV100_SUBSET"]


def _read(path: Path, split: str) -> list[Example]:
    return moment_lines(path)


def _files(name: str, *splits: str) -> dict[str, tuple[str, ...]]:
    return {split: (f"{name}_{split}_release.jsonl",) for split in splits}


CLOTHO_MOMENT = Dataset(
    name="clotho-moment",
    title="Clotho-Moment",
    task="MR",
    protocol="lighthouse",
    licence="not stated in these files; the repository is Apache-2.0",
    source="https://github.com/line/lighthouse/tree/main/data",
    paper="arXiv:2409.15672",
    files=_files("clotho_moment", "train", "val", "test"),
    read=_read,
    confirmed="val and test read whole",
)

UNAV100_SUBSET = dataclasses.replace(
    CLOTHO_MOMENT,
    name="unav100-subset",
    title="UnAV-100 subset",
    files=_files("unav100-subset", "test"),
    confirmed="read whole",
)

TUT2017 = dataclasses.replace(
    CLOTHO_MOMENT,
    name="tut2017",
    title="TUT Sound Events 2017",
    files=_files("tut2017", "test"),
    confirmed="read whole",
)

CASTELLA = dataclasses.replace(
    CLOTHO_MOMENT,
    name="castella",
    title="CASTELLA",
    paper="arXiv:2511.15131",
    files=_files("castella", "train", "val", "test"),
    confirmed="read whole",
)
