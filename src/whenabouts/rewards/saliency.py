"""Highlight curves: whether the clips are put in the right order."""

from __future__ import annotations

import json
import math
import re

import numpy as np

from whenabouts.rewards.target import Target

__all__ = ["saliency"]

_CURVE = re.compile(r"<saliency>([^<]{0,100000})</saliency>", re.IGNORECASE)


def saliency(completion: str, target: Target) -> float:
    """The share of clip pairs with unlike ratings that the answer orders as the ratings do; a tie counts half.

    The answer is the last JSON list of numbers in <saliency> tags, one per clip; another length or no list scores 0.
    Without two unlike ratings there is nothing to order, and any curve of the right length scores 1.

    >>> saliency("<saliency>[0.1, 0.9, 0.5]</saliency>", Target((), 6.0, saliency=(0, 4, 4)))
    1.0
    """
    scores = _curve(completion)
    if scores is None or len(scores) != len(target.saliency):
        return 0.0
    truth = np.sign(np.subtract.outer(target.saliency, target.saliency))
    said = np.sign(np.subtract.outer(scores, scores))
    unlike = truth != 0
    return float((1 + truth * said)[unlike].mean() / 2) if unlike.any() else 1.0


def _curve(completion: str) -> list[float] | None:
    found = _CURVE.findall(completion)
    try:
        value = json.loads(found[-1]) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or not all(isinstance(v, int | float) and math.isfinite(v) for v in value):
        return None
    return [float(v) for v in value]
