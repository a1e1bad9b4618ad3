"""A score with what one needs to judge it: intervals, errors in seconds, scores by length, blind baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation import blind
from whenabouts.metrics.bootstrap import interval_of_mean
from whenabouts.metrics.boundary import BoundaryError, boundary_error
from whenabouts.metrics.protocols import Ranked
from whenabouts.moment import tiou

__all__ = ["LENGTHS", "ByLength", "Report", "report"]

LENGTHS = (10.0, 30.0, 150.0, None)  # upper bounds in seconds, as in QVHighlights
Answers = Mapping[Any, ArrayLike]


@dataclass(frozen=True, slots=True)
class ByLength:
    """Scores of the queries whose annotated windows last, on average, more than `low` and at most `high` seconds.

    A `high` of None is no bound.
    """

    low: float
    high: float | None
    queries: int
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """Percentages by metric name, all under one protocol.

    intervals: 95 % bounds by resampling videos; boundary: absolute errors of the first window, in seconds, over the
    answered queries; blind: the same metrics of answers that never look at the video.
    """

    protocol: str
    source: str
    queries: int
    answered: int
    scores: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    boundary: BoundaryError | None
    by_length: tuple[ByLength, ...]
    blind: dict[str, dict[str, float]]


def report(
    protocol: Ranked,
    answers: Answers,
    examples: Sequence[Example],
    train: Sequence[Example] = (),
    *,
    strict_official: bool = False,
) -> Report:
    """Score ranked answers, windows (N, 2) in seconds by qid, and everything beside. Raises AnnotationError."""
    truths = {e.qid: e.windows for e in examples}
    known = {e.qid: e for e in examples}
    scores = protocol.score(answers, truths, strict_official=strict_official)
    keys, best = protocol.overlaps(answers, truths, strict_official=strict_official)
    per_query = _per_query(protocol, best)
    videos = [known[qid].video for qid in keys]
    intervals = {}
    for name, values in per_query.items():
        bounds = interval_of_mean(100 * values, videos)
        intervals[name] = (bounds.low, bounds.high)
    return Report(
        protocol.name,
        protocol.source,
        len(keys),
        sum(bool(np.size(answers.get(qid, ()))) for qid in keys),
        scores,
        intervals,
        _boundary(answers, [known[qid] for qid in keys]),
        _by_length(per_query, [known[qid] for qid in keys]),
        _blind(protocol, examples, train),
    )


def _per_query(protocol: Ranked, best: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    values: dict[str, NDArray[np.float64]] = {}
    for n in protocol.ranks:
        for m in protocol.thresholds:
            hits = best[:, :n] > m if protocol.strict else best[:, :n] >= m
            values[f"R{n}@{m}"] = np.any(hits, axis=1).astype(np.float64)
    values["mIoU"] = best[:, :1].ravel()
    return values


def _boundary(answers: Answers, examples: Sequence[Example]) -> BoundaryError | None:
    firsts, targets = [], []
    for e in examples:
        windows = np.asarray(answers.get(e.qid, ()), dtype=np.float64)
        if windows.size and len(e.windows):
            firsts.append(windows.reshape(-1, windows.shape[-1])[0, :2])
            targets.append(e.windows[int(np.argmax(tiou(firsts[-1], e.windows)[0]))])
    return boundary_error(firsts, targets) if firsts else None


def _by_length(per_query: Mapping[str, NDArray[np.float64]], examples: Sequence[Example]) -> tuple[ByLength, ...]:
    lengths = np.array(
        [float(np.mean(e.windows[:, 1] - e.windows[:, 0])) if len(e.windows) else np.nan for e in examples]
    )
    rows, low = [], 0.0
    for high in LENGTHS:
        chosen = (lengths > low) & (lengths <= (np.inf if high is None else high))
        if chosen.any():
            scores = {name: 100 * float(values[chosen].mean()) for name, values in per_query.items()}
            rows.append(ByLength(low, high, int(chosen.sum()), scores))
        low = high or low
    return tuple(rows)


def _blind(protocol: Ranked, examples: Sequence[Example], train: Sequence[Example]) -> dict[str, dict[str, float]]:
    known = [e for e in examples if e.duration and len(e.windows)]
    if not known:
        return {}
    windows = {"whole video": blind.WHOLE_VIDEO}
    if any(e.duration and len(e.windows) for e in train):
        low, high = blind.best_constant(train)
        windows[f"constant {low:g} to {high:g} of the video"] = (low, high)
    truths = {e.qid: e.windows for e in known}
    return {name: protocol.score(blind.constant_answers(known, w), truths) for name, w in windows.items()}
