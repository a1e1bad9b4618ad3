"""A diagnosis of detections in a few videos of 100 s."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from whenabouts.auditing.detection import DetectionDiagnosis, diagnose_detections


def small(
    folder: Path, videos: dict[str, list[Any]], found: dict[str, list[Any]], **options: Any
) -> DetectionDiagnosis:
    """Videos of 100 s with rows (start, end, label), and detections (start, end, label, score)."""
    database = {
        name: {
            "subset": "validation",
            "duration": 100,
            "annotations": [{"segment": row[:2], "label": row[2]} for row in rows],
        }
        for name, rows in videos.items()
    }
    results = {
        name: [{"segment": row[:2], "label": row[2], "score": row[3]} for row in rows] for name, rows in found.items()
    }
    truth, predictions = folder / "truth.json", folder / "found.json"
    truth.write_text(json.dumps({"database": database}))
    predictions.write_text(json.dumps({"results": results}))
    return diagnose_detections(predictions, "activitynet-1.3", truth, tious=(0.5,), **options)
