"""Highlight curves: whether the clips are put in the right order."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
    truth, predicted = _order(target.saliency), _order(scores)
    unlike = truth != 0
    return float((1 + truth * predicted)[unlike].mean() / 2) if unlike.any() else 1.0


def _order(values: Sequence[float]) -> NDArray[np.int64]:
    """(N, N): 1 where the row's clip is above the column's, -1 where below; no difference that could overflow."""
    order: NDArray[np.int64] = np.greater.outer(values, values).astype(int) - np.less.outer(values, values).astype(int)
    return order


def _curve(completion: str) -> list[float] | None:
    found = _CURVE.findall(completion)
    try:
        value = json.loads(found[-1]) if found else None
        scores = [float(v) for v in value] if isinstance(value, list) and all(map(_is_number, value)) else None
    except (ValueError, RecursionError, OverflowError):
        return None
    return scores if scores and all(map(math.isfinite, scores)) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
