"""Around VideoMind's grounder (arXiv:2503.13444): what the verifier looks at, its score, and what failure answers.

Spans are (start, end) in seconds; all functions are pure.
"""

from __future__ import annotations

import math

__all__ = ["UNITS", "rounded", "thirds", "verifier_score", "widened"]

MIN_SECONDS = 2.0  # seconds the verifier sees at least
UNITS = {"charades": 0.1, "activitynet": 0.01, "qvhighlights": 2.0, "tacos": 0.001}  # seconds
Span = tuple[float, float]


def widened(span: Span, duration: float) -> Span:
    """What the verifier sees of a candidate: half its length more on each side, at least 2 s, inside the video.

    >>> widened((10.0, 14.0), 60.0), widened((0.0, 0.5), 60.0), widened((0.5, 0.9), 1.5)
    ((8.0, 16.0), (0.0, 2.0), (0.0, 1.5))
    """
    half = (span[1] - span[0]) / 2
    start, end = max(span[0] - half, 0.0), min(span[1] + half, duration)
    if end - start < MIN_SECONDS:
        length = min(MIN_SECONDS, duration)
        start = min(max((start + end - length) / 2, 0.0), duration - length)
        end = start + length
    return start, end


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
    """Both ends at the nearest multiple of the data set's `unit` of `UNITS`, in seconds; halves go to the even one.

    >>> rounded((3.2, 8.9), UNITS["qvhighlights"]), rounded((3.24, 8.96), UNITS["charades"])
    ((4.0, 8.0), (3.2, 9.0))
    """
    places = max(0, -math.floor(math.log10(unit)))
    start, end = (round(round(second / unit) * unit, places) for second in span)
    return start, end
