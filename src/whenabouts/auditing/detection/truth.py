"""Annotated instances with their characteristics, as DETAD counts them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection.characteristics import Characteristic
from whenabouts.errors import InputError
from whenabouts.evaluation.protocols.detection import database
from whenabouts.evaluation.submission import Submission
from whenabouts.files.records import Row, read_json
from whenabouts.metrics.instances import Instances, Variant, read_truths

__all__ = ["Truth", "read_truth"]

Floats = NDArray[np.float64]
SPELLINGS = {"num-instances": ("num-instances", "num_instances")}  # DETAD's files have both
NEAR = 0.1  # seconds: annotations of two files are the same if both ends agree so well


@dataclass(frozen=True, eq=False)
class Truth:
    """Instances that count.

    values:  by characteristic, (G,), NaN where it is not known; only those that are known of any instance
    labels:  the number of each class, videos: of each video, by name
    counted: (C,) the classes over which is averaged
    """

    instances: Instances
    values: dict[str, Floats]
    labels: dict[str, int]
    videos: dict[str, int]
    counted: NDArray[np.bool_]

    @property
    def normal(self) -> float:
        """The mean number of instances of a class."""
        return len(self.instances) / int(self.counted.sum())


def read_truth(submission: Submission, characteristics: tuple[Characteristic, ...], path: Path | None = None) -> Truth:
    """The annotations of a split; `path` is a file in the form of DETAD's extra characteristics.

    Left out are instances that do not end after they start and those longer than their video. Averages are over classes
    with instances; officially also over classes of which all instances were left out. Raises InputError,
    AnnotationError.
    """
    content, subset = database(submission)
    all_rows, labels, videos, entries = read_truths(
        content, subset, Variant(), strict=True, prefix=submission.prefixes[1]
    )
    described = _described(path) if path is not None else {}
    values = {c.name: np.full(len(all_rows), np.nan) for c in characteristics}
    names = list(videos)
    found = 0
    for i, entry in enumerate(entries):
        video = names[all_rows.video[i]]
        more = _nearest(described.get(video, ()), entry["label"], all_rows.windows[i])
        found += more is not None
        for name, column in values.items():
            column[i] = _value(more or {}, name, entry, f"{submission.prefixes[1]}{video}")
    if path is not None and not found:
        raise InputError(f"{path} describes none of the instances of {submission.truth}")
    if path is not None and found < len(entries):
        warnings.warn(f"{path} describes {found} of {len(entries)} instances", stacklevel=2)
    _complete(values, all_rows, submission, videos)
    values = {name: column for name, column in values.items() if not np.isnan(column).all()}
    kept = all_rows.windows[:, 0] < all_rows.windows[:, 1]
    longer = values["coverage"] > 1 if "coverage" in values else np.zeros(len(kept), bool)
    if not kept.all():
        warnings.warn(f"instances that do not end after they start are left out: {int((~kept).sum())}", stacklevel=2)
    if longer.any():
        warnings.warn(f"instances that outlast their video are left out: {int(longer.sum())}", stacklevel=2)
    kept &= ~longer
    instances = all_rows.take(kept)
    counted = np.bincount(instances.label, minlength=len(labels)) > 0
    if not counted.any():
        raise InputError(f"{submission.truth} has no instance that can be found")
    if submission.strict:
        counted[:] = True
    return Truth(instances, {name: column[kept] for name, column in values.items()}, labels, videos, counted)


def _described(path: Path) -> dict[str, list[Row]]:
    """The rows of annotations of each video of a file of characteristics."""
    content = Row(read_json(path), f"{path}")
    videos = Row(content["database"], f"{path}, database")
    return {video: Row(videos[video], f"{path}, {video}", quoted=True).rows("annotations") for video in videos}


def _nearest(rows: Any, label: str, window: Floats) -> Row | None:
    best, least = None, NEAR
    for row in rows:
        if row.get("label") == label:
            off = float(np.abs(np.array(row.pair("segment")) - window).max())
            if off <= least:
                best, least = row, off
    return best


def _value(more: Mapping[str, Any], name: str, entry: Mapping[str, Any], where: str) -> float:
    for row in (more, Row(entry, where, quoted=True)):
        for spelling in SPELLINGS.get(name, (name,)):
            if row.get(spelling) is not None:
                return row.number(spelling) if isinstance(row, Row) else np.nan
    return np.nan


def _complete(values: dict[str, Floats], rows: Instances, submission: Submission, videos: dict[str, int]) -> None:
    """Work out what the annotations alone tell, where no file says it."""
    length = rows.windows[:, 1] - rows.windows[:, 0]
    durations = np.full(max(len(videos), 1), np.nan)
    for e in submission.examples:
        if e.duration and e.video in videos:
            durations[videos[e.video]] = e.duration
    same_video = np.bincount(rows.video, minlength=len(durations)).astype(np.float64)
    known = {"length": length, "coverage": length / durations[rows.video], "num-instances": same_video[rows.video]}
    for name, column in known.items():
        values[name] = np.where(np.isnan(values[name]), column, values[name])
