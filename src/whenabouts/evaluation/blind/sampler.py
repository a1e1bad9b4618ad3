"""The blind baselines of Otani et al. (arXiv:2009.00325): windows drawn from the density of annotated windows.

A hundred are drawn for every query, valued by the density where they were drawn, cut to the video, and suppressed.
Official: `src/toolbox/baseline.py` of mayu-ot/hidden-challenges-MR, which draws without a seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.density import NMS, TOP, Density, Points
from whenabouts.evaluation.blind.shares import shares
from whenabouts.evaluation.blind.verbs import Verbs, usual

__all__ = ["PriorSampler", "VerbSampler"]

DRAWS = 100
SEED = 0
ALL = ""  # stands for every training sentence


class PriorSampler(Baseline):
    """Draws from all training windows, whatever is asked: Otani's prior-only baseline."""

    name = "prior sampler"

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        return _drawn({ALL: shares(train).windows}, [ALL] * len(examples), examples)


class VerbSampler(Baseline):
    """Draws from the windows of training sentences with the query's first verb: Otani's action-aware baseline.

    verbs: a list, by default the `usual` one of the training split. Official code tells verbs and their lemmas by a
    tagger (spaCy); here words are looked up, so that a noun with the form of a verb counts as one.
    """

    name = "verb sampler"

    def __init__(self, verbs: str | Sequence[str] | None = None) -> None:
        self.verbs = verbs

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        known = shares(train)
        verbs = Verbs(usual(known.queries) if self.verbs is None else self.verbs)
        said = [set(verbs.all(query)) for query in known.queries]
        windows = {verb: known.windows[[verb in words for words in said]] for verb in verbs.verbs}
        return _drawn(windows | {ALL: known.windows}, [verbs.first(e.query) or ALL for e in examples], examples)


def _drawn(windows: dict[str, Points], of: Sequence[str], examples: Sequence[Example]) -> Answers:
    densities = {}
    for name, table in windows.items():
        try:
            densities[name] = Density(table)
        except ValueError:  # too few windows, or all alike: those of every sentence, if they are more
            continue
    if ALL not in densities:
        return {e.qid: np.unique(windows[ALL], axis=0)[:1] * e.duration for e in examples if e.duration}
    draw = np.random.default_rng(SEED)
    asked: dict[str, list[Example]] = {}
    for name, e in zip(of, examples, strict=True):
        if e.duration:
            asked.setdefault(name if name in densities else ALL, []).append(e)
    answers: Answers = {}
    for name, group in asked.items():
        points = densities[name].sample(draw, DRAWS * len(group))
        values = densities[name].near(points).reshape(-1, DRAWS)
        start, length = np.clip(points, 0.0, 1.0).T
        drawn = np.stack([start, start + np.minimum(length, 1 - start)], axis=1).reshape(-1, DRAWS, 2)
        for e, found in zip(group, _ranked(drawn, values), strict=True):
            answers[e.qid] = found * (e.duration or 0.0)
    return answers


def _ranked(windows: Points, values: Points) -> list[Points]:
    """For each of B queries, the best of its windows (B, N, 2) that last, without those that overlap a better one."""
    start, end = windows[..., 0], windows[..., 1]
    left = np.where(start < end, values, -np.inf)
    every = np.arange(len(windows))
    chosen, there = [], []
    for _ in range(TOP):
        best = np.argmax(left, axis=1)
        there.append(np.isfinite(left[every, best]))
        chosen.append(windows[every, best])
        low, high = chosen[-1].T[..., None]
        shared = np.maximum(np.minimum(end, high) - np.maximum(start, low), 0.0)
        overlap = shared / np.maximum((end - start) + (high - low) - shared, np.finfo(np.float64).tiny)
        left[overlap > NMS] = -np.inf
        left[every, best] = -np.inf
    kept = np.stack(there, axis=1)
    return [row[keep] for row, keep in zip(np.stack(chosen, axis=1), kept, strict=True)]
