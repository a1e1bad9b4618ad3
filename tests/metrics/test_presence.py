"""Presence, selection and calibration, beside scikit-learn and definitions written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score

from whenabouts.metrics.calibration import brier, ece, reliability
from whenabouts.metrics.presence import auroc, fpr_at_tpr, rejection_f1
from whenabouts.metrics.selective import accuracy_at_coverage, aurc, e_aurc, risks

rows = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=40)


@given(rows)
def test_as_scikit_learn_does(rows: list[tuple[int, bool]]) -> None:
    score, so = np.array([s / 8 for s, _ in rows]), np.array([y for _, y in rows])
    assert brier(score, so) == pytest.approx(brier_score_loss(so, score, pos_label=True))
    assert rejection_f1(score < 0.5, so) == pytest.approx(f1_score(~so, score < 0.5, zero_division=0))
    if so.all() or not so.any():
        assert np.isnan(auroc(score, so))
        assert np.isnan(fpr_at_tpr(score, so))
    else:
        assert auroc(score, so) == pytest.approx(roc_auc_score(so, score))
        least = max(t for t in score if (score[so] >= t).mean() >= 0.95)
        assert fpr_at_tpr(score, so) == pytest.approx((score[~so] >= least).mean())


@given(rows, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[tuple[int, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for measure in (aurc, e_aurc, ece):
        values = [measure([s / 8 for s, _ in r], [y for _, y in r]) for r in (rows, shuffled)]
        assert values[0] == pytest.approx(values[1])


def test_the_risk_among_equals_is_its_mean_over_all_orders() -> None:
    right = [True, False, False]
    assert risks([1, 1, 1], right).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert aurc([3, 2, 1], right) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert e_aurc([3, 2, 1], right) == pytest.approx(0)
    assert e_aurc([1, 2, 3], right) == pytest.approx((1 + 1 + 2 / 3 - 0 - 1 / 2 - 2 / 3) / 3)
    assert accuracy_at_coverage([3, 2, 1], right, 0.3) == 1.0
    assert accuracy_at_coverage([3, 2, 1], right, 1.0) == pytest.approx(1 / 3)


def test_bins_hold_alike_and_no_two_equal_probabilities_are_parted() -> None:
    p = np.linspace(0, 1, 30)
    assert reliability(p, p > 0.5).weight.tolist() == pytest.approx([1 / 15] * 15)
    assert len(reliability([0.3] * 100, [True] * 100).weight) == 1
    assert ece([0.3] * 10, [True] * 3 + [False] * 7) == pytest.approx(0)
    assert ece([0.9] * 10, [True] * 3 + [False] * 7) == pytest.approx(0.6)


@pytest.mark.parametrize("measure", [auroc, aurc, ece, brier])
def test_what_is_not_a_number_is_refused(measure: object) -> None:
    with pytest.raises(ValueError, match=r"not a number|outside"):
        measure([0.5, float("nan")], [True, False])  # type: ignore[operator]
    with pytest.raises(ValueError, match="as many"):
        measure([0.5], [True, False])  # type: ignore[operator]
