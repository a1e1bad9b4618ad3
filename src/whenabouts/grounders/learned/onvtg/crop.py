"""Training sees a video from another first row each time, and at most so many of its rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from whenabouts.benchmarks.features import FeatureExample

__all__ = ["cropped"]

LEAST = 0.5  # share of every moment that must be left
TRIALS = 100


def cropped(e: FeatureExample, rng: np.random.Generator, *, longest: int, least: float) -> FeatureExample:
    """A random part of the rows with at least half of each moment, `least` to all of them but at most `longest`.

    Where no part fits, the last that was tried, as officially (`libs/dataset.py: _truncate_vid_feats`); a moment of
    which nothing is left is absent then.
    """
    count = len(e.video)
    kept = longest if count > longest else int(rng.integers(max(1, int(np.ceil(least * count))), count + 1))
    if kept == count:
        return e
    row = e.duration / count
    windows = e.windows / row
    lengths = np.maximum(windows[:, 1] - windows[:, 0], 1e-5)
    low = max(0, int(np.floor(windows[:, 0].min() - kept))) if len(windows) else 0
    high = min(count - kept, int(np.ceil(windows[:, 1].max()))) if len(windows) else count - kept
    for _ in range(TRIALS):
        first = int(rng.integers(min(low, high), high + 1))
        inside = windows.clip(first, first + kept)
        if ((inside[:, 1] - inside[:, 0]) / lengths > LEAST).all():
            break
    inside = inside[inside[:, 0] < inside[:, 1]]
    moved = replace(e.example, windows=(inside - first) * row, duration=kept * row)
    return replace(e, example=moved, video=e.video[first : first + kept])
