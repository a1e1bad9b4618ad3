"""How fast detections of actions are diagnosed, and whether the figures are those of DETAD's own code.

    python bench/detection.py [--quick | --smoke] [--official FOLDER]

Makes a submission of the size of ActivityNet's validation split, and a smaller one for the comparison. FOLDER is a
checkout of https://github.com/HumamAlwassel/DETAD, which needs pandas, joblib and matplotlib; without it the comparison
is with a plain loop over detections, written after the same rules, which only counts errors. All run in one process
and read files. The last line is JSON: `seconds` for the large submission, `detections` in it, and for the small one
`speedup` over the other code and `max_difference` between any two of the `compared` figures.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _size import parser

from whenabouts.auditing.detection import DetectionDiagnosis, diagnose_detections
from whenabouts.moment import tiou

TIOUS = np.linspace(0.5, 0.95, 10)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--official", type=Path, metavar="FOLDER", help="a checkout of DETAD")
    options = arguments.parse_args()
    warnings.simplefilter("ignore")
    large, small = options.size.pick((4728, 300), (1000, 60), (20, 8))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = make(Path(folder), large, 200, 100)
        start = time.perf_counter()
        diagnosis = diagnose(*files)
        diagnosis.to_dict()
        figures["seconds"] = time.perf_counter() - start
        figures["detections"] = len(diagnosis.detections)
        figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        files = make(Path(folder), small, 5, 30)
        start = time.perf_counter()
        ours = flat(diagnose(*files), counts_alone=options.official is None)
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        others = official(options.official, *files) if options.official else plain(*files)
        figures["speedup"] = (time.perf_counter() - start) / seconds
        compared = [name for name in others if name in ours]
        figures["compared"] = sum(np.size(ours[name]) for name in compared)
        figures["max_difference"] = max(float(np.nanmax(np.abs(ours[name] - others[name]))) for name in compared)
    for name, value in figures.items():
        print(f"{name:24}{value:12.4g}")
    print(json.dumps(figures))


def make(folder: Path, videos: int, classes: int, each: int) -> tuple[Path, Path]:
    """Truth and detections: some of them of every kind, scores without ties."""
    rng = np.random.default_rng(videos)
    database: dict[str, Any] = {}
    results: dict[str, Any] = {}
    for number in range(videos):
        name, duration, label = f"v{number:05}", float(rng.uniform(20, 230)), int(rng.integers(classes))
        starts = rng.uniform(0, 0.6 * duration, 1 + rng.poisson(0.6))
        truth = [[s, min(duration, s + rng.uniform(2, 0.7 * duration))] for s in starts.tolist()]
        database[name] = {
            "subset": "validation",
            "duration": duration,
            "annotations": [
                {
                    "label": f"class {label}",
                    "segment": [a, b],
                    "length": b - a,
                    "coverage": (b - a) / duration,
                    "num-instances": len(truth),
                }
                for a, b in truth
            ],
        }
        near = np.array(truth)[rng.integers(len(truth), size=each)]
        near += rng.normal(0, 1 + np.arange(each)[:, None] * duration / 3 / each, near.shape)
        found = np.sort(np.where(rng.random((each, 1)) < 0.6, near, rng.uniform(0, duration, near.shape)), axis=1)
        labels = np.where(rng.random(each) < 0.8, label, rng.integers(classes, size=each))
        scores = rng.random(each) / (1 + np.arange(each))
        rows = zip(labels.tolist(), found.tolist(), scores.tolist(), strict=True)
        results[name] = [
            {"label": f"class {of}", "segment": [a, b + 0.1], "score": score} for of, (a, b), score in rows
        ]
    truths, predictions = folder / "truth.json", folder / "found.json"
    known = {a["label"] for entry in database.values() for a in entry["annotations"]}
    results = {name: [row for row in rows if row["label"] in known] for name, rows in results.items()}
    truths.write_text(json.dumps({"database": database, "taxonomy": [], "version": ""}))
    predictions.write_text(json.dumps({"results": results, "version": "", "external_data": {}}))
    return truths, predictions


def diagnose(truth: Path, predictions: Path) -> DetectionDiagnosis:
    return diagnose_detections(predictions, "activitynet-1.3", truth, tious=TIOUS.tolist())


def flat(diagnosis: DetectionDiagnosis, *, counts_alone: bool) -> dict[str, np.ndarray]:
    """The figures that are compared, by the names of the analyses."""
    mistakes = diagnosis.mistakes
    if counts_alone:
        return {"counts": mistakes.counts}
    figures = {"counts": mistakes.counts, "mean_ap": mistakes.mean_ap, "gains": mistakes.gains.mean(axis=1)}
    for row in diagnosis.by_characteristic:
        figures[f"sensitivity {row.characteristic.name}"] = row.mean_ap
        figures[f"missed {row.characteristic.name}"] = row.missed.mean(axis=1)
    return figures


def official(folder: Path, truth: Path, predictions: Path) -> dict[str, np.ndarray]:
    """The same figures by the code of the paper, whose names of numpy are of another time."""
    np.float, np.int, np.infty = float, int, np.inf  # type: ignore[attr-defined]
    sys.path.insert(0, str(folder / "src"))
    import action_detector_diagnosis
    import false_negative_analysis
    import joblib
    import sensitivity_analysis

    five = ["XS", "S", "M", "L", "XL"]
    known = {
        "coverage": (np.linspace(0, 1.0, 6), five),
        "length": (np.array([0, 30, 60, 120, 180, np.inf]), five),
        "num-instances": (np.array([-1, 1, 4, 8, np.inf]), five[:4]),
    }

    def run(limit: int | None, floor: float) -> Any:
        one = action_detector_diagnosis.ActionDetectorDiagnosis(
            str(truth),
            str(predictions),
            tiou_thresholds=TIOUS,
            limit_factor=limit,
            subset="validation",
            load_extra_annotations=True,
            characteristic_names_to_bins=known,
            normalize_ap=True,
            minimum_normalized_precision_threshold_for_detection=floor,
        )
        one.evaluate()
        return one

    one_process = joblib.parallel_config(backend="sequential")  # whose numpy has the old names
    with contextlib.redirect_stdout(io.StringIO()), one_process:
        best, every, found = run(10, 0.0), run(None, 0.0), run(None, 0.05)
        best.diagnose()
        figures = {
            "counts": best.fp_error_types_count_df.to_numpy()[:, :-1],
            "mean_ap": best.mAP,
            "gains": np.array(list(best.average_mAP_gain.values())),
        }
        for name, (_, labels) in known.items():
            scores = sensitivity_analysis.compute_average_mAP_N_for_characteristic(every, name)
            figures[f"sensitivity {name}"] = np.array([scores.get(label, np.nan) for label in labels])
            missed = false_negative_analysis.fn_distribution_by_characteristic(found, name)["avg"]["unmatched"]
            figures[f"missed {name}"] = np.array([missed.get(label, np.nan) for label in labels])
    return figures


def plain(truth: Path, predictions: Path) -> dict[str, np.ndarray]:
    """How many detections are of each kind, one after the other."""
    database = json.loads(truth.read_text())["database"]
    results = json.loads(predictions.read_text())["results"]
    ranked: dict[str, list[tuple[float, str, list[float]]]] = {}
    size: dict[str, int] = {}
    for video, entry in database.items():
        for row in entry["annotations"]:
            size[row["label"]] = size.get(row["label"], 0) + 1
        for row in results[video]:
            ranked.setdefault(row["label"], []).append((-row["score"], video, row["segment"]))
    counts = np.zeros((6, len(TIOUS)))
    for label, rows in ranked.items():
        held: set[tuple[int, str, int]] = set()
        for _, video, segment in sorted(rows)[: 10 * size[label]]:
            own = database[video]["annotations"]
            overlaps = np.array([float(tiou(segment, row["segment"]).item()) for row in own])
            same = np.array([row["label"] == label for row in own])
            best = int(np.argmax(overlaps))
            for t, limit in enumerate(TIOUS):
                free = [int(i) for i in np.flatnonzero(same & (overlaps >= limit)) if (t, video, i) not in held]
                if free:
                    held.add((t, video, max(free, key=lambda i: overlaps[i])))
                    counts[0, t] += 1
                elif overlaps[best] >= limit:
                    counts[1 if same[best] else 2, t] += 1
                elif overlaps[best] >= 0.1:
                    counts[3 if same[best] else 4, t] += 1
                else:
                    counts[5, t] += 1
    return {"counts": counts}


if __name__ == "__main__":
    main()
