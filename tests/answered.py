"""Answers whose probabilities are too bold, beside their truth, as files of `predict` and of annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

RECEIPT = {
    "version": "1",
    "grounder": "similarity",
    "video_sha256": "0" * 64,
    "models": {"builtin": "ab" * 32},
    "settings": {"top": 10, "threshold": 0.0, "fps": 2.0},
}


def write(folder: Path, *, videos: int = 40, queries: int = 10, seed: int = 0, **row: Any) -> tuple[Path, Path]:
    """(answers, annotations) in `folder`, half of whose queries happen; `row` replaces fields of every answer."""
    rng = np.random.default_rng(seed)
    answers, annotations = [], []
    for number in range(videos):
        duration = float(rng.uniform(20, 200))
        for _ in range(queries):
            about = {"qid": len(answers), "vid": f"v{number}", "query": f"query {len(answers)}", "duration": duration}
            height = rng.normal(0, 1.5)
            happens = bool(rng.random() < 1 / (1 + np.exp(-height)))
            start = float(rng.uniform(0, duration - 10))
            found = max(0.0, start + rng.normal(0, 1.0)) if rng.random() < 0.9 else float(rng.uniform(0, duration - 10))
            presence = float(1 / (1 + np.exp(-2 * height)))
            annotations.append({**about, "relevant_windows": [[start, start + 8]] if happens else []})
            windows = [[round(found, 4), round(found + 8, 4), round(presence, 4)]]
            made = {**about, "pred_relevant_windows": windows, "presence": presence, "receipt": RECEIPT}
            answers.append({name: value for name, value in {**made, **row}.items() if value is not None})
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "answers.jsonl", folder / "mine.jsonl"
    for path, rows in zip(paths, (answers, annotations), strict=True):
        path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return paths
