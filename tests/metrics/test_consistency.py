"""Charades-CON's scores, worked out by hand: only answers that find the moment are asked again."""

from __future__ import annotations

import pytest

from whenabouts.metrics.consistency import Recorded, consistency

YES, NO = True, False
RECORDS = [
    Recorded(0.6, 0.6, (0.7, 0.2), 0.5, ((YES, True), (NO, False)), ((YES, True),)),
    Recorded(0.4, 0.49, (1.0,), 1.0, ((YES, True),), ((YES, True),)),  # missed: the rest does not count
    Recorded(0.3, 0.5, (), None, ((YES, False),), ((NO, True),)),
]


def test_what_follows_counts_only_where_the_moment_was_found() -> None:
    scores = consistency(RECORDS)
    third = 100 / 3
    assert scores["org_grounding"] == pytest.approx(
        {"R@1 IoU=0.3": 100, "R@1 IoU=0.5": third, "R@1 IoU=0.7": 0, "mIoU": 130 / 3}
    )
    assert scores["rephrased_grounding"] == pytest.approx(
        {"R@1 IoU=0.3": 50, "R@1 IoU=0.5": 50, "R@1 IoU=0.7": 50, "mIoU": 45}
    )
    assert scores["shifted_grounding"] == {"R@1 IoU=0.3": 100, "R@1 IoU=0.5": 100, "R@1 IoU=0.7": 0, "mIoU": 50}
    assert [scores["holistic"][name] for name in ("TP", "FP", "FN", "TN")] == [1, 1, 1, 0]
    assert scores["holistic"]["scores"] == pytest.approx(
        {"Precision": 50, "Recall": 50, "F1_score": 50, "ROC_AUC": 25, "Accuracy": third}
    )
    assert set(scores["compositional"]["scores"].values()) == {100}
    assert scores["absolute_scores"] == pytest.approx(
        {"Ground": third, "C_Ground": third / 2, "S_Ground": third, "H_verif_acc": third / 3, "C_verif_acc": third}
    )


def test_the_official_code_rounds_to_two_decimals_and_the_mean_to_three() -> None:
    scores = consistency(RECORDS, rounded=True)
    assert scores["org_grounding"]["R@1 IoU=0.5"] == 33.33 and scores["org_grounding"]["mIoU"] == 43.333
    assert scores["absolute_scores"]["H_verif_acc"] == 11.11 and scores["absolute_scores"]["C_Ground"] == 16.66


def test_where_one_class_is_missing_there_is_no_area() -> None:
    for judged in (((YES, True),), ((NO, True),), ()):
        [one] = [Recorded(1.0, 1.0, verified=judged)]
        assert consistency([one])["holistic"]["scores"]["ROC_AUC"] == 0
    assert consistency([])["org_grounding"]["mIoU"] == 0
