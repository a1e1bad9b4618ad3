"""What must hold of any answer, whatever was read: `Wrong` says what does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fuzz.verdict import Wrong

if TYPE_CHECKING:
    from whenabouts.benchmarks import Example
    from whenabouts.prediction import Prediction

__all__ = ["all_finite", "examples", "predictions", "require", "spans"]

SLACK = 1e-3  # seconds


def require(holds: object, what: str) -> None:
    """Raises `Wrong` where something does not hold."""
    if not holds:
        raise Wrong(what)


def predictions(found: Iterable[Prediction], duration: float | None = None) -> None:
    """Moments lie in the video, best first; probabilities are in [0, 1]; nothing is infinite or no number."""
    for one in found:
        require(math.isfinite(one.duration) and one.duration >= 0, f"a duration of {one.duration}")
        require(duration is None or abs(one.duration - duration) < SLACK, f"duration {one.duration} of {duration}")
        for moment in one.moments:
            require(0 <= moment.start < moment.end <= one.duration + SLACK, f"{moment} in a video of {one.duration} s")
            require(math.isfinite(moment.score), f"a score of {moment.score}")
        require(one.presence is None or 0 <= one.presence <= 1, f"a presence of {one.presence}")
        if one.saliency is not None:
            require(np.isfinite(one.saliency.values).all(), "a saliency that is not finite")
            require(all(a < b for a, b in pairwise(one.saliency.times)), "times of saliency that do not grow")


def examples(found: Sequence[Example]) -> None:
    """Annotations are numbers, and lengths are positive."""
    for one in found:
        require(np.isfinite(one.windows).all(), f"windows {one.windows.tolist()}")
        require(one.windows.ndim == 2 and one.windows.shape[1] == 2, f"windows of shape {one.windows.shape}")
        require(one.duration is None or math.isfinite(one.duration), f"a duration of {one.duration}")
        require(isinstance(one.query, str) and isinstance(one.video, str), f"{one.video!r}, {one.query!r}")


def spans(found: Iterable[Sequence[float]], end: float = math.inf) -> None:
    """Starts before ends, from 0 on."""
    for start, stop in found:
        require(0 <= start < stop <= end + SLACK and math.isfinite(stop), f"from {start} to {stop} s")


def all_finite(value: Any) -> None:
    """No number in a value of JSON is infinite or none."""
    if isinstance(value, Mapping):
        for item in value.values():
            all_finite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            all_finite(item)
    elif isinstance(value, float):
        require(math.isfinite(value), f"a number {value}")
