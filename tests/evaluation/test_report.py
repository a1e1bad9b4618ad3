"""A report agrees with its protocol, and what stands beside the scores is right."""

from __future__ import annotations

import numpy as np
import pytest

from whenabouts.benchmarks import Example
from whenabouts.evaluation.report import report
from whenabouts.metrics.protocols import PROTOCOLS, Ranked

PROTOCOL = PROTOCOLS["timelens"]


def example(qid: int, start: float, end: float) -> Example:
    return Example(qid, f"v{qid % 3}", "q", np.array([[start, end]]), 40.0)


EXAMPLES = [example(i, i, i + 5 + 3 * i) for i in range(6)]


def test_scores_are_the_protocols_and_lie_in_their_intervals() -> None:
    assert isinstance(PROTOCOL, Ranked)
    answers = {e.qid: e.windows + np.array([[0.0, int(e.qid)]]) for e in EXAMPLES}
    told = report(PROTOCOL, answers, EXAMPLES, EXAMPLES)
    assert told.scores == PROTOCOL.score(answers, {e.qid: e.windows for e in EXAMPLES})
    assert set(told.intervals) == set(told.scores)
    assert all(low <= told.scores[name] <= high for name, (low, high) in told.intervals.items())
    assert told.boundary is not None
    assert (told.boundary.start_mean, told.boundary.end_mean) == (0.0, 2.5)


def test_lengths_part_the_queries() -> None:
    assert isinstance(PROTOCOL, Ranked)
    answers = {e.qid: e.windows for e in EXAMPLES[:5]}
    with pytest.warns(UserWarning, match="1 queries have no answer"):
        told = report(PROTOCOL, answers, EXAMPLES)
    assert (told.queries, told.answered) == (6, 5)
    assert [(row.low, row.high, row.queries) for row in told.by_length] == [(0.0, 10.0, 2), (10.0, 30.0, 4)]
    assert sum(row.queries * row.scores["mIoU"] for row in told.by_length) / 6 == pytest.approx(told.scores["mIoU"])


def test_blind_baselines_stand_beside() -> None:
    assert isinstance(PROTOCOL, Ranked)
    whole = [Example(1, "v", "q", np.array([[0.0, 40.0]]), 40.0), Example(2, "v", "p", np.array([[10.0, 30.0]]), 40.0)]
    told = report(PROTOCOL, {1: [[0, 40]], 2: [[0, 40]]}, whole, whole[1:])
    assert told.blind["whole video"]["mIoU"] == told.scores["mIoU"] == 75.0
    assert len(told.blind) == 2
