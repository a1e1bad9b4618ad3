"""What a probability means among many videos: the more there are, the more of them resemble a query by chance.

The best of N videos that do not show what is sought resembles it more, the larger N is. Where the tail of such
likenesses falls exponentially, the odds of the best one being right fall with a power of N; `GROWTH` is its exponent,
chosen on the tuning half of `bench/library_absence.py`, with 5 and 50 videos, between false alarms and denials (that
of words with the held-out half in view, too). With one video nothing changes, so that a library of one says what
`find` says. Lines of text keep their probability: what chance adds to them was not measured.
"""

from __future__ import annotations

__all__ = ["GROWTH", "among"]

GROWTH = {"text": 0.4, "like": 0.5}


def among(probability: float, videos: int, growth: float) -> float:
    """A probability of one video, as that of the best of so many.

    >>> round(among(0.8, 100, 0.5), 3), among(0.8, 1, 0.5)
    (0.286, 0.8)
    """
    if not 0 < probability < 1:
        return probability
    odds: float = probability / (1 - probability) / max(1, videos) ** growth
    return odds / (1 + odds)
