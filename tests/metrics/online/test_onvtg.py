"""The official figures of OnVTG, habits included."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import AnnotationError
from whenabouts.metrics.online import onvtg
from whenabouts.metrics.online.onvtg import suppress

LATE, EARLY = [[10, 20, 14, 21], [40, 50, 41, 51]], [[31, 38, 25, 33], [0, 5, 1, 6]]


def test_late_early_and_missing_as_the_official_code_counts_them() -> None:
    """Golden: minghangz/OnVTG 1f6309c, libs/evaluator.py:Evaluator.calc_metric and .log."""
    figures = onvtg([LATE, EARLY, []], [[0.9, 0.5], [0.8, 0.7], []], [[10, 20], [30, 40], [50, 60]])
    assert (figures.queries, figures.skipped) == (2, 1), "a query without a proposal costs nothing"
    assert figures.recall == {(n, m): r for n in (1, 5) for m, r in ((0.3, 1.0), (0.5, 1.0), (0.7, 0.5))}
    assert figures.start_delay == {0.3: -0.5, 0.5: -0.5, 0.7: 4.0}, "late by 4 s and early by 5 s nearly cancel"
    assert figures.end_delay == {0.3: -3.0, 0.5: -3.0, 0.7: 1.0}
    assert figures.sd == pytest.approx(1.0) and figures.ed == pytest.approx(-5 / 3)


@pytest.mark.parametrize(
    ("proposals", "scores", "truths"),
    [
        ([LATE], [[0.9, 0.5]], [[10, 20], [30, 40]]),
        ([LATE], [], [[10, 20]]),
        ([LATE], [[0.9]], [[10, 20]]),
        ([[[10, 20, 14]]], [[0.9]], [[10, 20]]),
    ],
)
def test_lengths_that_disagree_are_refused(proposals: Any, scores: Any, truths: Any) -> None:
    with pytest.raises(AnnotationError, match=r"every (query|proposal) needs|rows of numbers"):
        onvtg(proposals, scores, truths)


def test_an_overlap_of_seven_tenths_is_below_the_threshold_in_float32() -> None:
    """Golden, as above: float32(0.7) < 0.7, so that SD at 0.7 is 0/0 and the mean with it."""
    figures = onvtg([[[0, 7, 3, 8]]], [[0.9]], [[0, 10]])
    assert figures.recall[1, 0.5] == 1.0 and figures.recall[1, 0.7] == 0.0
    assert math.isnan(figures.start_delay[0.7]) and math.isnan(figures.sd)
    assert figures.miou == float(np.float32(0.7))


def test_rank_1_is_the_best_score_of_the_whole_stream() -> None:
    proposals = [[0, 10, 0, 10], [50, 60, 50, 60]]
    assert onvtg([proposals], [[0.5, 0.6]], [[0, 10]]).recall == {
        **{(1, m): 0.0 for m in (0.3, 0.5, 0.7)},
        **{(5, m): 1.0 for m in (0.3, 0.5, 0.7)},
    }


def test_nothing_proposed_and_no_queries_are_not_a_number() -> None:
    for figures in (onvtg([[]], [[]], [[0, 1]]), onvtg([], [], [])):
        assert figures.queries == 0 and math.isnan(figures.recall[1, 0.5]) and math.isnan(figures.miou)


def test_suppression_keeps_what_overlaps_by_exactly_the_threshold() -> None:
    assert suppress([[0, 7], [0, 10], [0, 8]], [2, 3, 1]) == [1, 0]
    assert suppress([], []) == []
    assert suppress([[5, 5], [5, 5]], [1, 2]) == [1], "an overlap of 0/0 drops the weaker"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20), st.floats(0, 1, width=16)), max_size=12))
def test_suppression_leaves_at_most_five_that_hardly_overlap(rows: list[tuple[int, int, float]]) -> None:
    windows = [[start, start + length] for start, length, _ in rows]
    kept = suppress(windows, [score for *_, score in rows])
    assert len(kept) <= 5 and len(set(kept)) == len(kept)
    scores = [rows[i][2] for i in kept]
    assert scores == sorted(scores, reverse=True)
    for i, a in enumerate(kept):
        for b in kept[i + 1 :]:
            (s, e), (t, f) = windows[a], windows[b]
            assert 10 * max(0, min(e, f) - max(s, t)) <= 7 * (max(e, f) - min(s, t))
