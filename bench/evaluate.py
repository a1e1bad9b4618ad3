"""How fast evaluation is, against a plain loop over queries, thresholds and windows in the same run.

    python bench/evaluate.py [--quick | --smoke]

Uses the reference annotations where $WHENABOUTS_DATA (default ../shared/data) has them, else random files of the same
size. The plain loops are one process, written after the official algorithms; the official evaluators themselves took
7.5 s (QVHighlights, 1,550 queries) and 3.0 s (4,617 predictions of 20 classes) on two cores. The last line is JSON.
"""

from __future__ import annotations

import json
import os
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _size import Size, parser

from whenabouts.metrics import qvhighlights, tal
from whenabouts.metrics.instances import Instances
from whenabouts.metrics.matching import union_iou

DATA = Path(os.environ.get("WHENABOUTS_DATA", Path(__file__).parents[2] / "shared" / "data"))


def main() -> None:
    size = parser(__doc__).parse_args().size
    warnings.simplefilter("ignore")
    submission, truth = qvhighlights_files()
    found, annotated = thumos_files()
    if size is Size.SMOKE:
        submission, truth = submission[:20], truth[:20]
        found["results"] = dict(list(found["results"].items())[:20])
    figures = {
        "qvh_seconds": best_of(lambda: qvhighlights.evaluate(submission, truth)),
        "tal_seconds": best_of(lambda: tal.evaluate(found, annotated, tious=tal.THUMOS14)),
    }
    count, true = size.pick((1_000_000, 50_000), (100_000, 50_000), (1000, 100))
    many = instances(count, 1000, 20, 7), instances(true, 1000, 20, 8)
    figures["million_predictions"] = count
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    tal.mean_ap(*many, tal.ACTIVITYNET, classes=20)
    figures["million_seconds"] = time.perf_counter() - start
    figures["million_extra_mb"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if size is not Size.QUICK:
        figures["qvh_plain_over_ours"] = (
            best_of(lambda: plain_qvhighlights(submission, truth), 1) / figures["qvh_seconds"]
        )
        figures["tal_plain_over_ours"] = best_of(lambda: plain_tal(found, annotated), 1) / figures["tal_seconds"]
    for name, value in figures.items():
        print(f"{name:24}{value:12.4g}")
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def best_of(work: Callable[[], Any], times: int = 5) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def qvhighlights_files() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    folder = DATA / "qvhighlights"
    if folder.is_dir():
        names = ("moment_detr_val_preds.jsonl", "highlight_val_release.jsonl")
        submission, truth = ([json.loads(line) for line in (folder / name).open()] for name in names)
        return submission, truth
    rng = np.random.default_rng(0)
    truth, submission = [], []
    for qid in range(1550):
        start, clips = 2 * int(rng.integers(0, 50)), int(rng.integers(2, 25))
        ids = [start // 2 + i for i in range(clips)]
        rated = rng.integers(0, 5, (clips, 3)).tolist()
        row = {"qid": qid, "duration": 150, "relevant_windows": [[start, start + 2 * clips]]}
        truth.append({**row, "relevant_clip_ids": ids, "saliency_scores": rated})
        windows = np.sort(rng.uniform(0, 150, (10, 2)), axis=1)
        ranked = np.column_stack([windows, np.sort(rng.random(10))[::-1]]).tolist()
        submission.append(
            {"qid": qid, "pred_relevant_windows": ranked, "pred_saliency_scores": rng.random(75).tolist()}
        )
    return submission, truth


def thumos_files() -> tuple[dict[str, Any], dict[str, Any]]:
    folder = DATA / "thumos14"
    if folder.is_dir():
        found, truth = (
            json.loads((folder / f"{name}.json").read_text()) for name in ("synthetic_predictions", "ground_truth")
        )
        return found, {"database": {k: v for k, v in truth["database"].items() if v["subset"] == "test"}}
    rng = np.random.default_rng(1)

    def rows(count: int) -> list[dict[str, Any]]:
        starts = rng.uniform(0, 300, count)
        return [
            {
                "segment": [s, s + float(rng.uniform(1, 20))],
                "label": str(rng.integers(20)),
                "score": float(rng.random()),
            }
            for s in starts.tolist()
        ]

    return {"results": {str(v): rows(22) for v in range(210)}}, {
        "database": {str(v): {"subset": "test", "annotations": rows(16)} for v in range(210)}
    }


def instances(count: int, videos: int, classes: int, seed: int) -> Instances:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 300, count)
    windows = np.column_stack([start, start + rng.uniform(1, 20, count)])
    return Instances(windows, rng.integers(classes, size=count), rng.integers(videos, size=count), rng.random(count))


def plain_qvhighlights(submission: list[dict[str, Any]], truth: list[dict[str, Any]]) -> None:
    """Moment-retrieval mAP of the four length ranges, one query, threshold and window after the other."""
    predicted = {row["qid"]: sorted(row["pred_relevant_windows"][:10], key=lambda w: -w[2]) for row in submission}
    for low, high in ((0, 10), (10, 30), (30, 150), (0, 1e9)):
        for row in truth:
            windows = np.array([w for w in row["relevant_windows"] if low < w[1] - w[0] <= high])
            if len(windows):
                for threshold in qvhighlights.AP_THRESHOLDS:
                    plain_ap(np.array(predicted[row["qid"]])[:, :2], windows, threshold)


def plain_tal(found: dict[str, Any], annotated: dict[str, Any]) -> None:
    """Mean AP, one class, threshold and prediction after the other."""
    labels = {a["label"] for entry in annotated["database"].values() for a in entry["annotations"]}
    for label in labels:
        ranked = [
            (r["score"], v, r["segment"]) for v, rows in found["results"].items() for r in rows if r["label"] == label
        ]
        ranked.sort(key=lambda row: -row[0])
        for threshold in tal.THUMOS14:
            free = {
                v: [list(map(float, a["segment"])) for a in entry["annotations"] if a["label"] == label]
                for v, entry in annotated["database"].items()
            }
            for _, video, segment in ranked:
                if left := free.get(video):
                    overlaps = union_iou(np.tile(np.array(segment, float), (len(left), 1)), np.array(left))
                    if overlaps.max() >= threshold:
                        del left[int(overlaps.argmax())]


def plain_ap(ranked: np.ndarray, windows: np.ndarray, threshold: float) -> float:
    free, hits = list(range(len(windows))), []
    for window in ranked:
        overlaps = union_iou(np.tile(window, (len(windows), 1)), windows)
        for i in np.argsort(overlaps)[::-1]:
            if overlaps[i] < threshold:
                hits.append(0)
                break
            if i in free:
                free.remove(i)
                hits.append(1)
                break
        else:
            hits.append(0)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(sum(precision[i:].max() for i, hit in enumerate(hits) if hit) / len(windows))


if __name__ == "__main__":
    main()
