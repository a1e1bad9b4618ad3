"""How many of the wrong detections are of each kind, with intervals over videos."""

from __future__ import annotations

import numpy as np

from whenabouts.audit.detection.mistakes import ERRORS, Mistakes
from whenabouts.metrics.bootstrap import Interval

__all__ = ["error_shares"]

ROUNDS = 1000


def error_shares(mistakes: Mistakes, *, confidence: float = 0.95, seed: int = 0) -> dict[str, Interval]:
    """The share of each of `ERRORS` in all wrong detections, over all tIoU; empty where no detection is wrong.

    Bounds come from resampling videos with all that was detected in them.
    """
    _, video = np.unique(mistakes.matched.detections.video, return_inverse=True)
    rows = [
        np.bincount(video, weights=(mistakes.kinds == number).sum(axis=1), minlength=int(video.max(initial=-1)) + 1)
        for number, _ in enumerate(ERRORS, 1)
    ]
    table = np.stack(rows, axis=1)
    if not table.any():
        return {}
    videos = len(table)
    rng, tail = np.random.default_rng(seed), (1 - confidence) / 2
    often = rng.multinomial(videos, np.full(videos, 1 / videos), size=ROUNDS).astype(np.float64)
    drawn = often @ table
    drawn = drawn[drawn.sum(axis=1) > 0]
    low, high = np.quantile(drawn / drawn.sum(axis=1, keepdims=True), [tail, 1 - tail], axis=0)
    share = table.sum(axis=0) / table.sum()
    return {name: Interval(float(share[i]), float(low[i]), float(high[i])) for i, name in enumerate(ERRORS)}
