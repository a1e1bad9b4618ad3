"""Annotation files of every data set, through its own reader: `DATASET--SPLIT--FILE`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target
from whenabouts.benchmarks import BENCHMARKS, dataset, read_annotations
from whenabouts.benchmarks.references import read_references

MOMENTS = {
    "qid": 1,
    "query": "a dog",
    "vid": "v_0.0_150.0",
    "duration": 150,
    "relevant_windows": [[0, 10], [20, 30]],
    "relevant_clip_ids": [0, 1, 10],
    "saliency_scores": [[0, 1, 4], [2, 2, 2], [1, 3, 4]],
}
ABSENT = {"qid": 30001, "query": "a cat", "vid": "v", "duration": 9.5, "relevant_windows": [[0, 0]]}
CAPTIONED = {"v": {"duration": 20.5, "timestamps": [[1.0, 21.0], [0, 3]], "sentences": ["sits.", "stands."]}}
IN_FRAMES = {"v": {"num_frames": 900, "fps": 29.4, "timestamps": [[1, 210]], "sentences": ["cuts a carrot"]}}
SAID = {"A": ["one sits"] * 3, "M": ["one runs"] * 3, "C": {"Y": ["does one sit?"], "N": ["does one run?"]}}
CONSISTENT = {"shifted_timestamps": [[2, 9], [4, 9]], "consistency_annotations": [SAID, SAID]}
DATABASE = {
    "database": {
        "a": {"subset": "validation", "duration": 9, "fps": 25, "annotations": [{"label": "x", "segment": [0, 1.5]}]},
        "b": {"subset": "test", "annotations": [{"label": "x", "segment": ["0.5", "1.5"]}], "duration_second": 4.5},
    }
}
NLQ = {
    "clip_uid": "c",
    "video_start_sec": 30.0,
    "video_end_sec": 510.0,
    "annotations": [
        {
            "annotation_uid": "a",
            "language_queries": [{"clip_start_sec": 1.5, "clip_end_sec": 4.0, "query": "Where is it?"}],
            "labels": [{"primary": True, "label": "wash", "video_start_time": 31.0, "video_end_time": 40.5}],
        }
    ],
}
ASKED = [
    {"q": "a dog", "a": "yes", "r": True, "difficulty": "original"},
    {"q": "a cat", "a": "no", "r": False, "difficulty": "hard"},
]
CONTENTS: dict[str, Any] = {  # by data set and split
    "qvhighlights--val--a.jsonl": MOMENTS,
    "own--test--a.jsonl": MOMENTS | {"windows": [[0, 10]], "split": "test", "video": "v.mp4"},
    "na-qvhighlights--in_domain--a.jsonl": ABSENT,
    "castella--test--a.jsonl": MOMENTS,
    "activitynet-captions--test--a.json": CAPTIONED,
    "charades-sta--test--a.json": CAPTIONED,
    "charades-cd--test_ood--a.json": CAPTIONED,
    "tacos--test--a.json": IN_FRAMES,
    "charades-con--test--a.json": {"v": CAPTIONED["v"] | CONSISTENT},
    "charades-rf--test--a.json": {
        "v": {"duration": 9, "sts": [{"sentence": "s", "id": 1, "timestamp": [1, 2], "no_answer": False}]}
    },
    "didemo--test--a.json": [{"times": [[1, 1], [0, 2], [1, 1]], "annotation_id": 3, "video": "v", "description": "d"}],
    "ego4d-nlq--val--a.json": {"videos": [{"video_uid": "v", "clips": [NLQ]}]},
    "ego4d-mq--val--a.json": {"videos": [{"video_uid": "v", "clips": [NLQ]}]},
    "mad--test--a.json": {"7": {"movie": "m", "movie_duration": 600.5, "timestamps": [1, 2], "sentence": "x"}},
    "timelens-bench--charades--a.json": {"v": {"duration": 30, "spans": [[1, 2.5]], "queries": [" a  man.. "]}},
    "extremewhenbench--test--a.json": [
        {"qid": "q", "video_id": "v", "question": "?", "correct_interval": [1805, 1822], "video_duration_s": 4271}
    ],
    "tvsum--val--a.jsonl": {"qid": 1, "vid": "v", "query": "q", "domain": "BK", "duration": 2, "label": [[1] * 20] * 2},
    "youtube-highlights--val--a.jsonl": {
        **{"qid": 1, "vid": "v", "query": "dog", "domain": "dog", "duration": 20.0, "fps": 25.0},
        **{"label": [[1], [0]], "clip": [[0, 100], [50, 150]]},
    },
    "activitynet-1.3--val--a.json": DATABASE,
    "thumos14--test--a.json": DATABASE,
    "hi-vtg--charades--a.json": [
        {"video": "dir/v.mp4", "timestamp": [1.5, 3], "duration": 9, "query_text": "a dog", "GRPO": ASKED}
    ],
}
LINES = {
    "charades-sta--test--a.txt": b"V1 1.5 9##a person sits.\nV2 0.0 3.25##they stand up.\n",
    "references--x--a.csv": b"HITId,video_id,description,start,end\n3CM,v_0.0_150.0.mp4,a dog,1,2\n3CM,v,it,2,9\n",
}


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """One file of every format."""
    return {name: json.dumps(content).encode() for name, content in CONTENTS.items()} | LINES


def run(path: Path) -> None:
    """Read a split."""
    name, split, _ = path.name.split("--")
    if name == "references":
        known = path.with_name("known.jsonl")
        known.write_text(json.dumps(MOMENTS))
        read_references([path], BENCHMARKS["qvhighlights"].read(known, "val"))
        return
    if name == "own":
        sound.examples(dataset(path).load().examples)
        for one in read_annotations(path):
            one.to_line()
        return
    described = dataset(name)
    sound.examples(described.read(path, split if split in described.files else described.default_split))


TARGET = Target(seeds, run, tokens=(b"##", b'"database"', b"relevant_windows", b"[[", b"qid", b"null"))
