"""Scores of queries that may not happen, counted one query after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.rejection import official_curves, rejection
from whenabouts.metrics.relevance import Confusion, confusion, ra_iou

Query = st.tuples(st.floats(0, 1), st.booleans(), st.booleans(), st.booleans())


@given(st.lists(Query, max_size=12))
def test_confusion_and_ra_iou_are_what_one_query_after_the_other_gives(
    rows: list[tuple[float, bool, bool, bool]],
) -> None:
    iou, says, happens, _ = ([row[k] for row in rows] for k in range(4))
    found = confusion(says, happens)
    assert found == Confusion(
        tp=sum(s and h for s, h in zip(says, happens, strict=True)),
        fp=sum(s and not h for s, h in zip(says, happens, strict=True)),
        fn=sum(h and not s for s, h in zip(says, happens, strict=True)),
        tn=sum(not s and not h for s, h in zip(says, happens, strict=True)),
    )
    paid = [(i if s else 0.0) if h else float(not s) for i, s, h in zip(iou, says, happens, strict=True)]
    assert ra_iou(iou, says, happens).tolist() == paid


def test_the_shares_of_a_confusion() -> None:
    counts = Confusion(tp=3, fp=1, fn=2, tn=4)
    assert (counts.accuracy, counts.precision, counts.recall) == (0.7, 0.75, 0.6)
    assert counts.f1 == pytest.approx(2 / (1 / 0.75 + 1 / 0.6))
    assert counts.of_absence == Confusion(tp=4, fp=2, fn=1, tn=3)
    nothing = Confusion(0, 0, 0, 0)
    assert (nothing.accuracy, nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0, 0)


@given(st.lists(Query, max_size=12), st.floats(0, 1))
def test_rejection_is_what_one_query_after_the_other_gives(
    rows: list[tuple[float, bool, bool, bool]], threshold: float
) -> None:
    scores, happens, hits, _ = ([row[k] for row in rows] for k in range(4))
    there = [(score, hit) for score, so, hit in zip(scores, happens, hits, strict=True) if so]
    absent = [score for score, so in zip(scores, happens, strict=True) if not so]
    assert rejection(scores, happens, hits, threshold) == {
        "rejected": sum(s < threshold for s in absent) / len(absent) if absent else 0.0,
        "accepted": sum(s >= threshold for s, _ in there) / len(there) if there else 0.0,
        "recall": sum(s >= threshold and hit for s, hit in there) / len(there) if there else 0.0,
    }


def test_the_curves_of_the_authors_one_query_after_the_other() -> None:
    windows = [[0.0, 10.0], [0.0, 4.0], [5.0, 9.0], [0.0, 1.0], [2.0, 3.0]]
    truths = [
        np.array([[0.0, 8.0], [20.0, 30.0]]),
        np.array([[4.0, 9.0]]),
        *[np.zeros((0, 2))] * 2,
        np.array([[2.5, 3.5]]),
    ]
    scores = [0.9, 0.6, 0.7, 0.2, 0.8]
    curves = official_curves(windows, scores, truths, thresholds=(0.1, 0.65, 0.75))
    # hits: the first alone (0.8 of the hull; the last has a third of it)
    assert curves["frac_neg_rejected"] == [0.0, 0.5, 1.0]
    assert curves["frac_pos_accepted"] == curves["recall"] == [1 / 3, 1 / 3, 1 / 3]
    assert curves["precision"] == [1 / 3, 0.5, 1.0]
    assert curves["frac_base_pos_threshold"] == [3 / 1550, 2 / 1550, 2 / 1550]


@pytest.mark.parametrize(("end", "hit"), [(4.0, 0.5), (3.9, 1.0)])
def test_an_overlap_of_half_the_hull_is_no_hit_and_of_more_is_one(end: float, hit: float) -> None:
    truths = [np.array([[0.0, 2.0]]), np.array([[5.0, 6.0]]), np.zeros((0, 2))]
    curves = official_curves([[0.0, end], [5.0, 6.0], [0.0, 1.0]], [1.0, 1.0, 0.0], truths, thresholds=(0.5,))
    assert curves["frac_pos_accepted"] == [hit]


def test_a_score_that_is_no_number_is_neither_kept_nor_refused() -> None:
    truths = [np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.zeros((0, 2)), np.zeros((0, 2))]
    windows = [[0.0, 2.0]] * 4
    curves = official_curves(windows, [0.9, np.nan, np.nan, 0.1], truths, thresholds=(0.5,))
    assert curves == {
        "frac_neg_rejected": [1.0], "frac_pos_accepted": [1.0], "frac_base_pos_threshold": [1 / 1550],
        "precision": [1.0], "recall": [1.0],
    }  # fmt: skip
