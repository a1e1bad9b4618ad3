"""The three file formats that most data sets share.

moment_lines       JSON Lines of Moment-DETR and its heirs, which `annotations` describes
captioned_videos   JSON of ActivityNet Captions, 2D-TAN, Charades-CD: {video: {timestamps, sentences, duration | fps}}
activity_database  JSON of the ActivityNet toolkit: {database: {video: {subset, annotations}}}
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.annotations import read_annotations
from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.files.reading import without_collection
from whenabouts.files.records import Row, read_json

__all__ = ["activity_database", "captioned_videos", "moment_lines"]


def moment_lines(path: Path) -> list[Example]:
    """One query per line; see `benchmarks.annotations`."""
    with without_collection():
        return [annotation.to_example() for annotation in read_annotations(path, published=True)]


def captioned_videos(path: Path) -> list[Example]:
    """Sentences with one window each; in frames, divided by `fps`, where `num_frames` is the duration.

    Charades-CD calls the duration `video_duration`.
    """
    examples: list[Example] = []
    for video, data in _object(read_json(path), path).items():
        row = Row(data, f"{path}, {video}")
        fps = row.number("fps") if "fps" in row else 1.0
        if fps <= 0:
            row.refuse("fps", f"must be positive, not {fps:g}")
        length = "video_duration" if "duration" not in row and "video_duration" in row else "duration"
        duration = row.number("num_frames") / fps if "num_frames" in row else row.number(length)
        sentences = row.entries("sentences")
        windows = row.table("timestamps", 2) / fps
        if len(sentences) != len(windows):
            row.refuse("sentences", f"has {len(sentences)} entries for {len(windows)} timestamps")
        for i, sentence in enumerate(sentences):
            if not isinstance(sentence, str):
                row.refuse(f"sentences, entry {i + 1},", "must be text")
            where = f"{path}, {video}, sentence {i + 1}"
            window = windows[i : i + 1]
            examples.append(Example(f"{video}_{i}", video, sentence, window, duration, numbered=True, where=where))
    return examples


def activity_database(path: Path, *subsets: str) -> list[Example]:
    """One example per video and class, with all its instances; only of the named subsets, where any are named.

    A file without `database`, as G-TAD and BMN have them, is the database itself.
    """
    content = _object(read_json(path), path)
    database = _object(content.get("database", content), path)
    examples: list[Example] = []
    seen: set[str] = set()
    for video, data in database.items():
        row = Row(data, f"{path}, {video}", quoted=True)
        subset = row.text("subset")
        seen.add(subset)
        if subsets and subset not in subsets:
            continue
        duration = next((row.number(k) for k in ("duration", "duration_second") if row.get(k) is not None), None)
        fps = _fps(row, duration)
        instances: dict[str, list[tuple[float, float]]] = {}
        for annotation in row.rows("annotations"):
            instances.setdefault(annotation.text("label"), []).append(annotation.pair("segment"))
        for label, windows in instances.items():
            table = np.array(windows, dtype=np.float64)
            where = f"{path}, {video}"
            examples.append(Example(f"{video}/{label}", video, label, table, duration, fps=fps, where=where))
    if not examples:
        named = " or ".join(subsets) or "any subset"
        raise AnnotationError(f"{path}: no annotation of {named}; the file has: {', '.join(sorted(seen)) or 'nothing'}")
    return examples


def _fps(row: Row, duration: float | None) -> float | None:
    """ActionFormer's `fps`, or by the count of frames of OpenTAD or G-TAD; None where the row has neither."""
    if row.get("fps") is not None:
        fps = row.number("fps")
        if fps <= 0:
            row.refuse("fps", f"must be positive, not {fps:g}")
        return fps
    frames = next((row.number(k) for k in ("frame", "duration_frame") if row.get(k) is not None), 0.0)
    return frames / duration if duration and frames > 0 else None


def _object(value: object, path: Path) -> dict[str, object]:
    if not isinstance(value, dict) or not value:
        raise AnnotationError(f"{path}: the file must hold a JSON object with videos in it")
    return value
