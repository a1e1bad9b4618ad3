"""Trivial baselines that stand beside every figure: what an answer is worth that never looks at the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.constant import best_constant
from whenabouts.moment import tiou
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.probe import Case

__all__ = ["BASELINES", "Judged", "baseline"]

BASELINES = ("always-answer", "always-abstain", "prior", "random")


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Answers to Q queries as measures of abstention see them.

    sure:    (Q,) how sure each is that its query happens
    said:    (Q,) whether it says so
    tious:   (Q,) of the best moment with the nearest true one; 0 where the query does not happen
    happens: (Q,) whether it does
    stated:  whether `sure` are probabilities
    """

    sure: NDArray[np.float64]
    said: NDArray[np.bool_]
    tious: NDArray[np.float64]
    happens: NDArray[np.bool_]
    stated: bool = True

    @property
    def right(self) -> NDArray[np.bool_]:
        """(Q,) whether the moment is right; an answer to a query that does not happen never is."""
        return self.happens & (self.tious >= RIGHT)


def baseline(name: str, cases: Sequence[Case], model: Judged, *, seed: int = 0) -> Judged:
    """One of `BASELINES` on the same cases, all of which have a truth.

    - always-answer:  the moments of the model, surely there
    - always-abstain: nothing, surely
    - prior:          one window in shares of the video, the best for these very cases, as often there as queries happen
    - random:         a window with random ends, there with a random probability
    """
    happens, n = model.happens, len(model.happens)
    if name == "always-answer":
        return Judged(np.ones(n), np.ones(n, bool), model.tious, happens)
    if name == "always-abstain":
        return Judged(np.zeros(n), np.zeros(n, bool), np.zeros(n), happens)
    if name == "prior":
        rate = float(happens.mean())
        windows = np.tile(_constant(cases), (n, 1))
        return Judged(np.full(n, rate), np.full(n, rate >= 0.5), _tious(cases, windows), happens)
    rng = np.random.default_rng(seed)
    sure = rng.uniform(size=n)
    windows = np.sort(rng.uniform(size=(n, 2)), axis=1)
    return Judged(sure, sure >= 0.5, _tious(cases, windows), happens)


def _constant(cases: Sequence[Case]) -> tuple[float, float]:
    examples = [
        Example(number, "", case.query, case.truth, case.video.duration)
        for number, case in enumerate(cases)
        if case.truth is not None and len(case.truth)
    ]
    return best_constant(examples) if examples else (0.0, 1.0)


def _tious(cases: Sequence[Case], windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of (Q, 2) windows in shares of the video with the truth of each case."""
    return np.array(
        [
            tiou(window * case.video.duration, case.truth).max() if case.truth is not None and len(case.truth) else 0.0
            for case, window in zip(cases, windows, strict=True)
        ]
    )
