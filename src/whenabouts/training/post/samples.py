"""Training data: one JSON object per line, one query on one video.

    {"sample": "q1", "video": "a.mp4", "query": "a man sits down", "windows": [[1.5, 7.0]], "duration": 30.0}

`sample` and `ious` (tIoU of K answers of a reference model) may be left out; `timestamp`, one [start, end], may stand
for `windows`, and an empty list of windows is a query that does not happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.records import Row, read_lines
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target

__all__ = ["Sample", "read_samples", "write_samples"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A query on a video with its true windows, in seconds. `ious`: tIoU of K answers of a reference model."""

    sample: str
    video: str
    query: str
    windows: tuple[Window, ...]
    duration: float
    ious: tuple[float, ...] = ()

    @property
    def target(self) -> Target:
        """What an answer is held against."""
        return Target(self.windows, self.duration, sample=self.sample)


def read_samples(path: Path) -> list[Sample]:
    """The samples of a file. Raises InputError with file, line and field, also for two samples of one name."""
    samples = [_sample(row) for row in read_lines(path)]
    names: set[str] = set()
    for one in samples:
        if one.sample in names:
            raise InputError(f"{path}: two samples are named {one.sample!r}; every name must be its own")
        names.add(one.sample)
    return samples


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples as JSON Lines; the file appears whole. Raises OSError."""
    with replacing(path) as part:
        part.write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in samples), "utf-8")


def _sample(row: Row) -> Sample:
    duration = row.number("duration")
    if "windows" not in row and "timestamp" in row:
        windows = [row.pair("timestamp")]
    else:
        windows = [(float(start), float(end)) for start, end in row.table("windows", 2)]
    name = str(row.name("sample")) if "sample" in row else row.where
    ious = tuple(row.numbers("ious")) if "ious" in row else ()
    one = Sample(name, row.text("video"), row.text("query"), tuple(windows), duration, ious)
    try:
        _ = one.target
    except InputError as error:
        raise InputError(f"{row.where}: {error}") from None
    return one
