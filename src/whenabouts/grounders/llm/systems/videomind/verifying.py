"""Around VideoMind's grounder (arXiv:2503.13444): what the verifier looks at, its score, and what failure answers.

Spans are (start, end) in seconds; all functions are pure. Source: yeliudev/VideoMind `eval/infer_auto.py`,
`utils/parser.py`.
"""

from __future__ import annotations

import math

import numpy as np

__all__ = ["FINEST", "boundaries", "clamped", "rounded", "thirds", "verifier_score", "widened"]

SHORTEST = 2.0  # seconds of a candidate, before half its length is added on each side
FINEST = 0.001  # seconds that spans are rounded to, where a data set has no unit of its own
Span = tuple[float, float]


def clamped(span: Span, duration: float, least: float = 0.0) -> Span:
    """The span inside the video, in order, and about its middle at least so long, as far as the video is.

    >>> clamped((5.0, -1.0), 60.0), clamped((0.0, 0.5), 60.0, 2.0), clamped((0.5, 0.9), 1.5, 2.0)
    ((0.0, 5.0), (0.0, 2.0), (0.0, 1.5))
    """
    start, end = sorted(min(duration, max(0.0, end)) for end in span)
    if end - start < least:
        half = least / 2
        middle = min(duration - half, max(half, (start + end) / 2))
        start, end = max(0.0, middle - half), min(duration, middle + half)
    return start, end


def widened(span: Span, duration: float) -> Span:
    """What the verifier sees of a candidate: at least 2 s of it and half of that more on each side, inside the video.

    >>> widened((10.0, 14.0), 60.0), widened((0.0, 0.5), 60.0)
    ((8.0, 16.0), (0.0, 3.0))
    """
    start, end = clamped(span, duration, SHORTEST)
    half = (end - start) / 2
    return clamped((start - half, end + half), duration)


def boundaries(span: Span, duration: float, steps: int) -> tuple[int, int]:
    """Before which of the `steps` of time that the verifier sees the candidate begins, and before which it has ended.

    >>> boundaries((10.0, 14.0), 60.0, 8), boundaries((0.0, 0.5), 60.0, 3)
    ((2, 6), (0, 2))
    """
    start, end = clamped(span, duration, SHORTEST)
    first, last = widened(span, duration)
    begins, ended = (round((time - first) / (last - first) * steps) for time in (start, end))
    return min(max(0, begins), steps), min(max(0, ended), steps)


def verifier_score(yes: float, no: float) -> float:
    """Sigmoid of p(Yes) − p(No), both softmax probabilities over the whole vocabulary at the last position.

    >>> verifier_score(0.5, 0.5), round(verifier_score(1.0, 0.0), 3)
    (0.5, 0.731)
    """
    return 1 / (1 + math.exp(no - yes))


def thirds(duration: float) -> list[Span]:
    """Candidates for the verifier where the grounder failed: five overlapping thirds. Without it the answer is [0, D].

    >>> thirds(60.0)
    [(0.0, 20.0), (10.0, 30.0), (20.0, 40.0), (30.0, 50.0), (40.0, 60.0)]
    """
    return [(i * duration / 6, (i + 2) * duration / 6) for i in range(5)]


def rounded(span: Span, unit: float) -> Span:
    """Both ends at the nearest multiple of `unit`, in seconds; halves, of single precision, go to the even one.

    >>> rounded((3.2, 8.9), 2.0), rounded((3.24, 8.96), 0.1)
    ((4.0, 8.0), (3.2, 9.0))
    """
    places = max(0, -math.floor(math.log10(unit)))
    start, end = (round(int(np.round(np.float32(second) / np.float32(unit))) * unit, places) for second in span)
    return start, end
