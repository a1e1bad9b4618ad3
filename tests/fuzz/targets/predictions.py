"""Files of answers, scored on a small benchmark: `BENCHMARK--FILE`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import whenabouts
from fuzz import sound
from fuzz.target import Target
from fuzz.targets import annotations
from whenabouts.benchmarks import dataset
from whenabouts.evaluation.predictions import read_confidences, read_words

ROWS = [
    {"qid": 1, "query": "a dog", "vid": "v_0.0_150.0", "pred_relevant_windows": [[0.5, 9, 0.9], [21, 29.5, 0.4]]}
    | {"pred_saliency_scores": [0.1, 0.7, -0.2] * 25, "presence": 0.8}
]
TAL = {
    "version": "VERSION 1.3",
    "results": {"b": [{"label": "x", "score": 0.9, "segment": [0.4, 1.6]}], "a": []},
    "external_data": {},
}
LOG = {"doc_id": 0, "doc": {"video": "v", "caption": "sits."}, "target": [1, 21], "filtered_resps": ["From 1 to 20."]}
FILES: dict[str, Any] = {
    "qvhighlights--rows.jsonl": ROWS[0],
    "qvhighlights--rows.json": ROWS,
    "charades-sta--by qid.json": {"v_0": [[0.5, 5], [7, 9]]},
    "charades-sta--in order.json": [[[0.5, 5], [7, 9]], [[1, 2]]],
    "charades-sta--answers.jsonl": {"qid": "v_0", "output_text": "From 0:05 to 10 seconds"},
    "activitynet-captions--by video.json": {"results": {"v": [{"sentence": "sits", "timestamp": [1, 9]}]}},
    "activitynet-captions--lmms.json": {"v>>>sits.>>>[1.0, 21.0]": "1.5 - 5.0", "v.mp4>>>stands.>>>[0, 3]": "2 - 8"},
    "activitynet-captions--log.jsonl": LOG,
    "thumos14--detections.json": TAL,
    "ego4d-nlq--nlq.json": {
        "results": [{"clip_uid": "c", "annotation_uid": "a", "query_idx": 0, "predicted_times": [[1, 4], [2, 9]]}]
    },
    "tvsum--saliency.jsonl": {"qid": 1, "vid": "v", "pred_saliency_scores": [0.5, 0.25]},
    "didemo--ranked.json": [[[5 * k, 5 * n] for k in range(6) for n in range(k + 1, 7)]],
}
LINES = {
    "charades-sta--scored.csv": b"qid,start,end,score\nv_0,7,9,0.1\nv_0,0.5,5,0.9\n",
    "activitynet-captions--ranked.csv": b'video,query,start,end\nv,sits.,0.5,5\nv,"stands.",7,9\n',
    "charades-sta--answers.txt": b"From 0.5 to 5.0 seconds.\nFrom 1 to 2.\n",
    "own--rows.csv": b"video,query,start,end\nv_0.0_150.0,a dog,0.5,5\n",
}
TRUTHS = {
    "own": "own--test--a.jsonl",
    "qvhighlights": "qvhighlights--val--a.jsonl",
    "charades-sta": "charades-sta--test--a.json",
    "activitynet-captions": "activitynet-captions--test--a.json",
    "thumos14": "thumos14--test--a.json",
    "ego4d-nlq": "ego4d-nlq--val--a.json",
    "tvsum": "tvsum--val--a.jsonl",
    "didemo": "didemo--test--a.json",
}


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """One file of every format."""
    return {name: json.dumps(content).encode() for name, content in FILES.items()} | LINES


@cache
def _truths() -> Path:
    return Path(tempfile.mkdtemp(prefix="truths-", dir=tempfile.gettempdir()))


def run(path: Path) -> None:
    """Score the answers, in the way that the benchmark does, and read their other fields."""
    name, _, _ = path.name.partition("--")
    file = TRUTHS[name]
    truth = _truths() / file.rpartition("--")[2]
    truth.write_text(json.dumps(annotations.CONTENTS[file]))
    benchmark = str(truth) if name == "own" else name
    words = "answers" in path.name or "lmms" in path.name
    report = whenabouts.evaluate(path, benchmark, truth, **({"parser": "whenabouts"} if words else {}))
    for metric, value in report.scores.items():
        sound.require(value is None or value != value or abs(value) < 1e6, f"{metric} is {value}")
    report.table()
    examples = dataset(benchmark).load(truth).examples
    if name not in {"thumos14", "tvsum"} and not words:
        read_confidences(path, examples)
        read_words(path, examples)


TARGET = Target(seeds, run, tokens=(b">>>", b"pred_relevant_windows", b"[[", b"results", b"qid,", b'"', b"null"))
