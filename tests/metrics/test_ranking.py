"""Ranked windows: the lecture's numbers, brute force, and the traps of strictness."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics import compute_iou, mean_iou, recall_at_n_iou
from whenabouts.metrics.ranking import overlaps, recall_at_n, set_iou, suppressed
from whenabouts.moment import tiou

window = st.tuples(st.integers(0, 80), st.integers(1, 40)).map(lambda w: [w[0] / 4, (w[0] + w[1]) / 4])
answers = st.lists(
    st.tuples(st.lists(window, max_size=6), st.lists(window, min_size=1, max_size=3)), min_size=1, max_size=8
)


@given(answers)
def test_overlaps_are_the_best_over_all_true_windows(pairs: list[tuple[list[list[float]], list[list[float]]]]) -> None:
    best = overlaps([p for p, _ in pairs], [t for _, t in pairs])
    for row, (predicted, true) in zip(best, pairs, strict=True):
        wanted = tiou(predicted, true).max(axis=1) if predicted else np.zeros(0)
        np.testing.assert_allclose(row[: len(predicted)], wanted, atol=1e-12)
        assert not row[len(predicted) :].any()


@given(answers, st.integers(1, 5), st.sampled_from([0.3, 0.5, 0.7]))
def test_recall_grows_with_n_and_shrinks_with_the_threshold(
    pairs: list[tuple[list[list[float]], list[list[float]]]], n: int, threshold: float
) -> None:
    predictions, truths = [p for p, _ in pairs], [t for _, t in pairs]
    recall = recall_at_n_iou(predictions, truths, n, threshold)
    assert 0 <= recall <= recall_at_n_iou(predictions, truths, n + 1, threshold) <= 1
    assert recall >= recall_at_n_iou(predictions, truths, n, threshold + 0.1)


def test_strictness_decides_on_exact_halves_and_floats_decide_on_sevenths() -> None:
    half, seventh = overlaps([[[0, 10]]], [[0, 20]]), overlaps([[[10.1, 17.1]]], [[10.1, 20.1]])
    assert recall_at_n(half, 1, 0.5) == 1 and recall_at_n(half, 1, 0.5, strict=True) == 0
    assert recall_at_n(seventh, 1, 0.7, strict=True) == 1  # 0.70000000000000007


def test_the_three_functions_on_a_worked_example() -> None:
    predictions = [[[10, 20], [50, 60]], [[0, 5], [31, 39]], [[5, 6]]]
    truths = [[10, 21], [30, 40], [70, 80]]
    assert recall_at_n_iou(predictions, truths, 1, 0.5) == recall_at_n_iou(predictions, truths, 1, 0.7) == 1 / 3
    assert recall_at_n_iou(predictions, truths, n=5, iou_threshold=0.5) == 2 / 3
    assert mean_iou(predictions, truths) == pytest.approx(compute_iou([10, 20], [10, 21]) / 3)


def test_suppression_equals_2d_tan(data: Path) -> None:
    primitives = np.load(data / "vectors" / "primitives_a.npz", allow_pickle=False)
    for case in json.loads(str(primitives["tan_nms_json"])):
        top = case["top_k"] if case["top_k"] > 0 else len(case["dets"])
        assert suppressed(case["dets"], case["thresh"], top).tolist() == case["keep"]


def test_the_set_measure_counts_overlapping_predictions_twice() -> None:
    assert set_iou([[0, 10]], [[0, 10]]) == 1
    assert set_iou([[0, 10], [0, 10]], [[0, 10]]) > 1
    assert set_iou([[float("nan"), 1]], [[0, 10]]) == 0
    assert set_iou([], [[0, 10]]) == 0
