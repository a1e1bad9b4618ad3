"""Ego4D moment queries (arXiv:2110.07058): temporal action localisation in first-person clips, 110 classes.

Only labels marked primary count. Their times are seconds of the whole video; here they are seconds of the clip, as
the challenge and OpenTAD use them. The converted files of Ego4D's own baseline (`clip_annotations.json`), OpenTAD and
ActionFormer are read too. Needs a signed licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import activity_database
from whenabouts.files.records import Row, read_json

__all__ = ["EGO4D_MQ"]


CONVERTED = ("ego4d.json", "clip_annotations.json")
SUBSETS = {"train": ("train", "training"), "val": ("val", "validation")}


def _read(path: Path, split: str) -> list[Example]:
    content = Row(read_json(path), f"{path}")
    if "database" in content:
        return activity_database(path, *SUBSETS[split])
    if "videos" not in content and all(
        isinstance(entry, dict) and "parent_start_sec" in entry for entry in content.values()
    ):
        clips = [Row(entry, f"{path}, {name}") for name, entry in content.items()]
        return [e for clip in clips if clip.text("subset") in SUBSETS[split] for e in _converted(clip)]
    return [e for video in content.rows("videos") for clip in video.rows("clips") for e in _clip(clip)]


def _clip(clip: Row) -> list[Example]:
    name, first = clip.text("clip_uid"), max(clip.number("video_start_sec"), 0.0)
    instances: dict[str, list[tuple[float, float]]] = {}
    for annotation in clip.rows("annotations"):
        for label in annotation.rows("labels"):
            if label["primary"]:
                window = label.number("video_start_time") - first, label.number("video_end_time") - first
                instances.setdefault(label.text("label"), []).append(window)
    return _examples(name, instances, clip.number("video_end_sec") - first, clip.where)


def _converted(clip: Row) -> list[Example]:
    """Of Ego4D's own baseline, whose times are those of the clip."""
    instances: dict[str, list[tuple[float, float]]] = {}
    for label in clip.rows("annotations"):
        window = label.number("start_time"), label.number("end_time")
        instances.setdefault(label.text("label"), []).append(window)
    duration = clip.number("parent_end_sec") - clip.number("parent_start_sec")
    return _examples(clip.text("clip_id"), instances, duration, clip.where)


def _examples(
    name: str, instances: Mapping[str, list[tuple[float, float]]], duration: float, where: str
) -> list[Example]:
    return [
        Example(f"{name}/{label}", name, label, np.array(windows), duration, where=where)
        for label, windows in instances.items()
    ]


EGO4D_MQ = Dataset(
    name="ego4d-mq",
    title="Ego4D MQ",
    task="TAL",
    protocol="ego4d-mq",
    licence="Ego4D licence agreement, signed",
    source="https://ego4d-data.org/docs/start-here",
    paper="arXiv:2110.07058",
    files={"train": ("moments_train.json", *CONVERTED), "val": ("moments_val.json", *CONVERTED)},
    read=_read,
    confirmed="by the official converter and OpenTAD's; the files themselves were not at hand",
    default_split="val",
    subsets=SUBSETS,
)
