from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.mmduet import best, calculate_iou, grounding, normalize_pred_list, smooth_pred_list

# By `test/evaluate.py` of yellow-binary-tree/MMDuet at 33be138: smooth_pred_list, normalize_pred_list and the loop of
# `--func grounding` over two queries.
SCORES = {"a": [0.1, 0.2, 0.9, 0.8, 0.7, 0.1, 0.05, 0.3], "b": [0.5, 0.4, 0.3, 0.9, 0.95, 0.2]}
TIMES = {"a": [i * 0.5 for i in range(8)], "b": [float(i) for i in range(6)]}
SPANS = {"a": [[1.0, 2.0]], "b": [[2.5, 4.0], [0.0, 0.0]]}


def test_smoothing_and_scaling_are_the_official_ones() -> None:
    smooth = [0.4000000000000001, 0.5, 0.54, 0.54, 0.51, 0.39, 0.2875, 0.15]
    assert smooth_pred_list(SCORES["a"], 2) == pytest.approx(smooth, abs=1e-15)
    scaled = [0.05882352941176471, 0.17647058823529416, 1.0, 0.8823529411764706, 0.7647058823529411]
    assert normalize_pred_list(SCORES["a"])[:5].tolist() == scaled


@pytest.mark.parametrize(
    ("number", "window", "threshold", "percentages"),
    [
        (0, 0, 0.30, (100.0, 100.0, 100.0, 100.0)),
        (10, 0, 0.50, (83.33333333333333, 100.0, 100.0, 50.0)),
        (26, 1, 0.40, (70.0, 100.0, 50.0, 50.0)),
        (52, 2, 0.50, (45.0, 100.0, 50.0, 0.0)),
        (297, 14, 0.36, (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_every_window_and_threshold_scores_as_officially(
    number: int, window: int, threshold: float, percentages: tuple[float, ...]
) -> None:
    row = grounding(SCORES, TIMES, SPANS)[number]
    assert (row.window, row.threshold) == (window, pytest.approx(threshold))
    assert (row.miou, *row.recalls) == pytest.approx(percentages, abs=1e-12)


def test_the_best_row_is_that_of_the_mean_iou() -> None:
    rows = grounding(SCORES, TIMES, SPANS)
    assert best(rows).miou == max(row.miou for row in rows) == 100.0


def test_a_flat_curve_chooses_nothing_as_officially() -> None:
    assert np.isnan(normalize_pred_list([0.5, 0.5])).all()
    assert calculate_iou(normalize_pred_list([0.5, 0.5]), [True, False], 0.3) == 0.0
    assert calculate_iou([0.1], [False], 0.3) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 14))
def test_smoothing_stays_within_the_scores(scores: list[float], window: int) -> None:
    smooth = smooth_pred_list(scores, window)
    assert len(smooth) == len(scores)
    assert min(scores) - 1e-9 <= smooth.min() and smooth.max() <= max(scores) + 1e-9
