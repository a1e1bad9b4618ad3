"""When similar sentences happen in other videos: the strongest answers that never look at the video.

Figures measured apart (`evaluators/bias_baselines.json` of the test data) are not met exactly: many sentences are
equally alike, and there numpy's unstable sort decides, whose order depends on the CPU; here it is the order of
training. Both differ by at most 1.1 points on Charades-STA, QVHighlights, TACoS and ActivityNet Captions.
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
FITS = 0.5  # the IoU above which a window stands for another

Windows = NDArray[np.float64]
Choose = Callable[[Windows, NDArray[np.float64]], Windows]  # (windows, how alike their sentences are) -> answer


class NearestSentence(Baseline):
    """The windows of the most similar training sentences, the most similar first."""

    name, compares = "nearest sentence", True

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most five windows for every video of known duration."""
        return _by_sentence(train, examples, WINDOWS, lambda windows, _: windows[:WINDOWS])


class SimilarSentences(Baseline):
    """A vote of the windows of the sixty most similar training sentences, each as strong as its sentence is similar.

    The first window has the highest mean IoU with them; each further one fits most votes that none before it fits.
    """

    name, beside, compares = "vote of similar sentences", True, True

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most five windows for every video of known duration."""
        return _by_sentence(train, examples, NEIGHBOURS, vote)


def vote(windows: Windows, votes: NDArray[np.float64]) -> Windows:
    """Of windows (N, 2) with their votes (N,), at most five: that with the highest mean IoU, then greedily a cover.

    Each further one has IoU > 0.5 with as many votes as it can that none before it has.
    """
    overlaps = tiou(windows, windows)
    fits, left = overlaps > FITS, votes
    chosen = [int(np.argmax(overlaps @ votes))]
    while len(chosen) < WINDOWS:
        left = np.where(fits[chosen[-1]], 0.0, left)
        gains = fits @ left
        if not gains.max() > 0:
            break
        chosen.append(int(np.argmax(gains)))
    return windows[chosen]


def _by_sentence(train: Sequence[Example], examples: Sequence[Example], most: int, choose: Choose) -> Answers:
    known = shares(train)
    tables = [table[table[:, 0] < table[:, 1]] for table in np.split(known.windows, known.first[1:])]
    kept = [number for number, table in enumerate(tables) if len(table)]
    sentences = Sentences([known.queries[known.first[number]] for number in kept])
    tables = [tables[number] for number in kept]
    usual = np.array([WHOLE_VIDEO])
    found: dict[str, Windows] = {}
    for query in dict.fromkeys(e.query for e in examples):
        rows, alike = sentences.nearest(query, most)
        near = [tables[row] for row in rows]
        found[query] = choose(np.concatenate(near), np.repeat(alike, [len(t) for t in near])) if near else usual
    return {e.qid: found[e.query] * e.duration for e in examples if e.duration}
