"""Ego4D natural language queries (arXiv:2110.07058): questions to first-person clips of about eight minutes.

The official JSON is nested: videos, clips, annotations, language queries. A query is (clip, annotation, number), and
its times are seconds of the clip. Version 1 has many windows of no length; two queries of v2's val are null. The JSON
Lines of CG-DETR are read too. The annotations need a signed licence and must not be passed on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import moment_lines
from whenabouts.files.records import Row, read_json

__all__ = ["EGO4D_NLQ", "query_id"]


def query_id(clip: str, annotation: str, number: int) -> str:
    """The qid of an Ego4D query."""
    return f"{clip}/{annotation}/{number}"


def _read(path: Path, split: str) -> list[Example]:
    if path.suffix == ".jsonl":
        return moment_lines(path)
    examples = []
    for video in Row(read_json(path), f"{path}").rows("videos"):
        for clip in video.rows("clips"):
            duration = clip.number("video_end_sec") - clip.number("video_start_sec")
            for annotation in clip.rows("annotations"):
                for number, query in enumerate(annotation.rows("language_queries")):
                    qid = query_id(clip.text("clip_uid"), annotation.text("annotation_uid"), number)
                    examples.append(_query(query, qid, clip.text("clip_uid"), duration))
    return examples


def _query(query: Row, qid: str, clip: str, duration: float) -> Example:
    annotated = "clip_start_sec" in query
    window = [[query.number("clip_start_sec"), query.number("clip_end_sec")]] if annotated else []
    words = query.text("query") if query.get("query") is not None else ""
    return Example(qid, clip, words, np.array(window, dtype=np.float64).reshape(-1, 2), duration, where=query.where)


EGO4D_NLQ = Dataset(
    name="ego4d-nlq",
    title="Ego4D NLQ",
    task="TSG",
    protocol="ego4d-nlq",
    licence="Ego4D licence agreement, signed",
    source="https://ego4d-data.org/docs/start-here",
    paper="arXiv:2110.07058",
    files={
        "train": ("nlq_train.json", "nlq_train.jsonl"),
        "val": ("nlq_val.json", "nlq_val.jsonl"),
        "test": ("nlq_test_unannotated.json",),
    },
    read=_read,
    confirmed="by the official evaluator; the files themselves were not at hand",
    default_split="val",
)
