"""Highlights, DiDeMo, sets, discounted recall, boundary error and bootstrap, by hand and by their laws."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.bootstrap import intervals_of_means
from whenabouts.metrics.boundary import boundary_error
from whenabouts.metrics.didemo import evaluate as evaluate_didemo
from whenabouts.metrics.discounted import discounted_hits, discounted_recall
from whenabouts.metrics.highlights import evaluate_tvsum, evaluate_youtube, trapezoid_ap, tvsum_ap
from whenabouts.metrics.ranking import overlaps
from whenabouts.metrics.sets import count_accuracy, et_f1, set_f1
from whenabouts.moment import tiou


def test_trapezoid_ap_by_hand() -> None:
    assert trapezoid_ap([1, 1, 0]) == 1
    assert trapezoid_ap([0, 1]) == pytest.approx((0 + 0.5) / 2)
    assert trapezoid_ap([0, 0]) == 0


def test_tvsum_takes_the_lower_median_and_the_top_five() -> None:
    ratings = np.array([[5], [4], [3], [2], [1], [1]])  # lower median 2: the first three are positive
    assert tvsum_ap([6, 5, 4, 3, 2, 1], ratings) == [1.0]
    assert tvsum_ap([1, 2, 3, 4, 5, 6], ratings)[0] == pytest.approx(trapezoid_ap([0, 0, 0, 1, 1]))


def test_domains_are_averaged_after_their_videos() -> None:
    truth = [
        {"qid": 1, "domain": "dog", "label": [[1], [0]]},
        {"qid": 2, "domain": "dog", "label": [[0], [1]]},
        {"qid": 3, "domain": "surfing", "label": [[1], [0]]},
    ]
    rows = [{"qid": qid, "pred_saliency_scores": [0.9, 0.1]} for qid in (1, 2, 3)]
    assert evaluate_youtube(rows, truth) == {"dog": 62.5, "surfing": 100.0, "mean": 81.25}
    assert set(evaluate_tvsum(rows, truth)) == {"dog", "surfing", "mean"}


def test_didemo_takes_the_best_three_of_four_opinions() -> None:
    ranking = [(0, 0), (1, 1), (0, 1), (2, 2)]
    far = evaluate_didemo([ranking], [[(0, 0), (0, 0), (0, 0), (2, 2)]])
    assert far == {"rank@1": 100.0, "rank@5": 100.0, "mIoU": 100.0}
    split = evaluate_didemo([ranking], [[(0, 0), (0, 1), (0, 1), (2, 2)]])
    assert split["rank@1"] == 0 and split["mIoU"] == pytest.approx(100 * (1 + 0.5 + 0.5) / 3)


windows = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda w: [w[0], w[0] + w[1]]), max_size=4)


@given(windows, windows, st.sampled_from([0.3, 0.5, 0.7]))
def test_set_f1_is_the_best_over_all_pairings(a: list[list[int]], b: list[list[int]], threshold: float) -> None:
    if not a or not b:
        assert set_f1(a, b, threshold) == (1.0 if len(a) == len(b) else 0.0)
        return
    reached = tiou(a, b) >= threshold
    small, large = (reached, range(len(b))) if len(a) <= len(b) else (reached.T, range(len(a)))
    best = max(sum(small[i, j] for i, j in enumerate(order)) for order in permutations(large, len(small)))
    assert set_f1(a, b, threshold) == pytest.approx(2 * best / (len(a) + len(b)))
    assert set_f1(a, b, threshold) == pytest.approx(set_f1(b, a, threshold))


def test_counts_and_thresholds() -> None:
    predictions, truths = [[[0, 10]], [[0, 5], [6, 9]]], [[[0, 8]], [[0, 5]]]
    assert count_accuracy(predictions, truths) == 0.5
    assert et_f1(predictions, truths, [0.5, 0.9]) == pytest.approx((1 + 0 + 2 / 3 + 2 / 3) / 4)


def test_discounted_recall_is_recall_for_exact_answers_and_less_otherwise() -> None:
    assert discounted_recall([[[0, 10]]], [[0, 10]], [100.0], 1, 0.5) == 1
    assert discounted_recall([[[0, 8]]], [[0, 10]], [10.0], 1, 0.5) == pytest.approx(0.8)
    assert discounted_recall([[[0, 5]]], [[0, 10]], [10.0], 1, 0.5) == 0  # strictly above the threshold
    assert discounted_recall([[[0, 5]]], [[0, 10]], [10.0], 1, 0.5, strict=False) == 0.5
    assert discounted_recall([[[50, 60], [1, 10]]], [[0, 10]], [100.0], 2, 0.5) == pytest.approx(0.99)
    assert discounted_recall([[[50, 60], [1, 10]]], [[0, 10]], [100.0], 1, 0.5) == 0
    assert discounted_recall([[], [[1, 10]]], [[0, 10], [[50, 60], [0, 10]]], [100.0, 100.0], 1, 0.5) == pytest.approx(
        0.99 / 2
    ), "no answer is a miss, and of several moments the nearest counts"


@given(
    st.lists(st.tuples(*[st.floats(0, 99)] * 4), min_size=1, max_size=8),
    st.floats(0.25, 4),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_discounted_recall_is_at_most_recall_and_has_no_unit(
    pairs: list[tuple[float, float, float, float]], unit: float, threshold: float
) -> None:
    answers = [[[a, a + b + 1]] for a, b, _, _ in pairs]
    truths = [[c, c + d + 1] for _, _, c, d in pairs]
    hits = discounted_hits(answers, truths, [200.0] * len(pairs), 1, threshold)
    assert (hits <= (overlaps(answers, truths)[:, 0] > threshold)).all() and (hits >= 0).all()
    scaled = discounted_hits(
        unit * np.array(answers), unit * np.array(truths), [200.0 * unit] * len(pairs), 1, threshold - 1e-9
    )
    assert (scaled >= hits - 1e-9).all()


def test_boundary_error_in_seconds() -> None:
    error = boundary_error([[1, 5], [0, 9], [0, 4]], [[0, 5], [0, 8], [3, 4]])
    assert (error.start_median, error.end_median) == (1, 0)
    assert error.start_mean == pytest.approx(4 / 3)


def test_the_interval_resamples_videos_not_queries() -> None:
    values = {"half": np.array([1.0] * 50 + [0.0] * 50), "all": np.ones(100)}
    apart = intervals_of_means(values, range(100))["half"]
    together = intervals_of_means(values, ["x"] * 50 + ["y"] * 50)["half"]
    assert apart.mean == together.mean == 0.5
    assert apart.low > 0.35 and apart.high < 0.65
    assert (together.low, together.high) == (0.0, 1.0)
    assert intervals_of_means({"half": values["half"]}, range(100))["half"] == apart, "alone or beside others"
    assert intervals_of_means(values, range(100))["all"] == (1.0, 1.0, 1.0)
