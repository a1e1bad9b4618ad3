"""When similar sentences happen in other videos: the strongest answers that never look at the video.

Figures measured apart (`evaluators/bias_baselines.json` of the test data) are not met exactly: many sentences are equally
alike, and there numpy's unstable sort decides, whose order depends on the CPU; here it is the order of training. The
nearest sentence differs by at most 1 point; the vote, whose candidate windows are not the same, by at most 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO
from whenabouts.evaluation.blind.shares import shares
from whenabouts.evaluation.blind.words import Sentences
from whenabouts.moment import tiou

__all__ = ["NearestSentence", "SimilarSentences"]

WINDOWS = 5
NEIGHBOURS = 60

Windows = NDArray[np.float64]
Choose = Callable[[Windows, NDArray[np.float64]], Windows]  # (windows, how alike their sentences are) -> answer


class NearestSentence(Baseline):
    """The windows of the most similar training sentences, the most similar first."""

    name, compares = "nearest sentence", True

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most five windows for every video of known duration."""
        return _by_sentence(train, examples, WINDOWS, lambda windows, _: windows)


class SimilarSentences(Baseline):
    """A vote of the windows of the sixty most similar training sentences, each as strong as its sentence is similar.

    The first window has the highest mean IoU with them; each further one adds most to the best IoU with each of them.
    """

    name, beside, compares = "vote of similar sentences", True, True

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most five windows for every video of known duration."""
        return _by_sentence(train, examples, NEIGHBOURS, vote)


def vote(windows: Windows, votes: NDArray[np.float64]) -> Windows:
    """Of windows (N, 2) with their votes (N,), those (at most five) that together fit the others best."""
    overlaps, best, chosen = tiou(windows, windows), np.zeros(len(windows)), list[int]()
    while len(chosen) < min(WINDOWS, len(windows)):
        gains = np.maximum(overlaps - best, 0) @ votes
        if chosen and not gains.max() > 0:
            break
        chosen.append(int(np.argmax(gains)))
        best = np.maximum(best, overlaps[chosen[-1]])
    return windows[chosen]


def _by_sentence(train: Sequence[Example], examples: Sequence[Example], most: int, choose: Choose) -> Answers:
    known = shares(train)
    proper = known.windows[:, 0] < known.windows[:, 1]
    windows = known.windows[proper]
    sentences = Sentences([query for query, kept in zip(known.queries, proper, strict=True) if kept])
    usual = np.array([WHOLE_VIDEO])
    found: dict[str, Windows] = {}
    for query in dict.fromkeys(e.query for e in examples):
        rows, alike = sentences.nearest(query, most)
        found[query] = choose(windows[rows], alike) if len(rows) else usual
    return {e.qid: found[e.query] * e.duration for e in examples if e.duration}
