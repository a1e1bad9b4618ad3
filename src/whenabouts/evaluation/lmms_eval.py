"""Logs of samples of lmms-eval 0.7, for its tasks of temporal grounding: read as answers, and written from answers.

A log has one JSON object per query: `doc_id`, `target`, `filtered_resps` and, under the name of every metric, what its
aggregation takes. That names the query and has the words that were scored, so a log needs no other file:

    temporal_grounding_charades, timelens_*   {"VIDEO>>>QUERY>>>WINDOW": words}
    extremewhenbench                          {"qid": …, "pred_raw": words, "gt": [start, end], …}
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.records import Row
from whenabouts.metrics.matching import hull_iou
from whenabouts.rewards.evaluators import EVALUATORS
from whenabouts.rewards.parse import Parser
from whenabouts.video.suffixes import is_video

__all__ = ["TASKS", "Task", "matched", "sample", "task_for", "task_of", "write_samples"]

RECALLS = ("IOU@3", "IOU@5", "IOU@7", "mIOU")
EWB = ("mIoU", "R@0.3", "R@0.5", "R@0.7", "parse_fail")
NEAR = 1e-6  # seconds between a window of a log and the annotated one


@dataclass(frozen=True, slots=True)
class Task:
    """A task of lmms-eval.

    benchmark, split: the data set that it asks about, by its name here
    metrics:          the fields of a log that its aggregations take
    parser, protocol: how it reads answers and scores them, by their names here
    """

    name: str
    benchmark: str
    split: str
    metrics: tuple[str, ...]
    parser: str
    protocol: str

    @property
    def reader(self) -> Parser:
        """The parser itself."""
        return next(one for one in EVALUATORS if one.name == self.parser)

    def doc(self, example: Example) -> dict[str, Any]:
        """The row of its data set for a query, as far as the task's code reads it."""
        window = example.windows[0].tolist()
        if self.protocol == "lmms-extremewhenbench":
            ids = {"qid": example.qid, "video_id": example.video, "source_corpus": ""}
            more = {"correct_interval": window, "video_duration_s": example.duration}
            return ids | {"question": example.query} | more
        if self.protocol == "lmms-eval":
            return {"video": f"{example.video}.mp4", "caption": example.query.strip(" ."), "timestamp": window}
        doc = {"video_path": f"{example.video}.mp4", "query": example.query, "span": [window]}
        return doc | {"duration": example.duration}

    def results(self, doc: Mapping[str, Any], words: str) -> dict[str, Any]:
        """What its `process_results` gives for an answer: one value for all its metrics."""
        if self.protocol == "lmms-extremewhenbench":
            truth, found = doc["correct_interval"], self.reader.windows(words)
            value = {name: doc[name] for name in ("qid", "video_id", "source_corpus")}
            value |= {"pred_raw": words, "pred_interval": found[0] if found else None, "gt": truth}
            value |= {
                "iou": float(hull_iou(np.array(found), np.array([truth]))[0]) if found else 0.0,
                "parsed": bool(found),
            }
        else:
            video, query, target = (doc[name] for name in list(doc)[:3])
            value = {f"{video}>>>{query}>>>{target}": words}
        return dict.fromkeys(self.metrics, value)


_OF_TIMELENS = tuple(f"timelens_{name}" for name in RECALLS)
TASKS: tuple[Task, ...] = (
    Task(
        "temporal_grounding_charades",
        "charades-sta",
        "test",
        tuple(f"charades_sta_{name}" for name in RECALLS),
        "lmms-charades",
        "lmms-eval",
    ),
    *(
        Task(f"timelens_{split}", "timelens-bench", split, _OF_TIMELENS, "lmms-timelens", "lmms-eval-timelens")
        for split in ("charades", "activitynet", "qvhighlights")
    ),
    Task(
        "extremewhenbench",
        "extremewhenbench",
        "test",
        tuple(f"ewb_{name}" for name in EWB),
        "lmms-extremewhenbench",
        "lmms-extremewhenbench",
    ),
)


def task_for(benchmark: str, split: str) -> Task:
    """The task that asks about a split of a data set. Raises InputError."""
    for task in TASKS:
        if (task.benchmark, task.split) == (benchmark, split):
            return task
    names = ", ".join(dict.fromkeys(f"{task.benchmark} ({task.split})" for task in TASKS))
    raise InputError(f"lmms-eval has no task for {benchmark} ({split}); it has them for {names}")


def task_of(row: Any, where: str) -> Task | None:
    """The task of a row of a log, the first that it can be; None for rows of other files.

    Raises AnnotationError for a log of a task that is not in `TASKS`.
    """
    if not isinstance(row, Mapping) or "doc_id" not in row or not {"filtered_resps", "resps"} & set(row):
        return None
    for task in TASKS:
        if task.metrics[0] in row:
            return task
    names = ", ".join(task.name for task in TASKS)
    raise AnnotationError(f"{where}: this is a log of lmms-eval, but of none of its tasks {names}")


def matched(rows: Iterable[Row], examples: Iterable[Example]) -> Iterator[tuple[str | int | None, str, str, str]]:
    """For every row of a log the qid, what was asked, the words and the place; no qid that is not in the annotations.

    Raises AnnotationError naming row and field.
    """
    known: dict[tuple[str, str], list[Example]] = {}
    for example in examples:
        known.setdefault(_question(example.video, example.query), []).append(example)
    qids = {str(example.qid): example.qid for of_one in known.values() for example in of_one}
    for row in rows:
        task = task_of(row.data, row.where)
        if task is None:
            row.refuse("doc_id", "is missing, though other rows have it")
        value = row[task.metrics[0]]
        if not isinstance(value, Mapping):
            row.refuse(task.metrics[0], "must be an object, as lmms-eval writes it")
        if "pred_raw" in value:
            inner = Row(value, row.where)
            yield qids.get(name := str(inner.name("qid"))), name, inner.text("pred_raw"), row.where
            continue
        for key, words in value.items():
            if ">>>" not in key.partition(">>>")[2] or not isinstance(words, str):
                row.refuse(task.metrics[0], "must map VIDEO>>>QUERY>>>WINDOW to words")
            video, _, rest = key.partition(">>>")
            query, _, window = rest.rpartition(">>>")  # a query may have the marks too
            yield _one_of(known.get(_question(video, query), []), window), f"{video}: {query}", words, row.where


def write_samples(path: Path, task: Task, examples: Iterable[Example], answers: Mapping[str | int, str]) -> None:
    """Write answers in words, by qid, as a log of `task`; a query without an answer has an empty one, a miss there."""
    scored = (example for example in examples if len(example.windows))
    rows = (sample(task, number, example, answers.get(example.qid, "")) for number, example in enumerate(scored))
    with replacing(path) as part:
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def sample(task: Task, number: int, example: Example, words: str) -> dict[str, Any]:
    """One row of a log: as lmms-eval writes it, and with the `doc` that its `process_results` takes."""
    doc = task.doc(example)
    target = doc.get("timestamp") or doc.get("span") or doc["correct_interval"]
    hashed = hashlib.sha256(json.dumps(doc, indent=2, ensure_ascii=False).encode()).hexdigest()
    row = {"doc_id": number, "doc": doc, "target": str(target), "filtered_resps": words, "token_counts": [None]}
    return row | {"doc_hash": hashed} | task.results(doc, words) | {"input": example.query}


def _question(video: str, query: str) -> tuple[str, str]:
    """A query as logs and annotations have it alike: without the folder and suffix, final full stops and case."""
    name = PurePosixPath(video).name
    return name.rpartition(".")[0] if is_video(Path(name)) else name, " ".join(query.split()).strip(" .").lower()


def _one_of(asked: list[Example], window: str) -> str | int | None:
    """The qid of the query with that window, where one sentence is asked twice."""
    if len(asked) == 1:
        return asked[0].qid
    try:
        value = ast.literal_eval(window)
        start, end = (float(time) for time in (value[0] if len(value) == 1 else value))
    except (ValueError, SyntaxError, TypeError):
        return None
    near = [e.qid for e in asked if len(e.windows) and abs(e.windows[0] - (start, end)).max() < NEAR]
    return near[0] if near else None
