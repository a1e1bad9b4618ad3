"""Every row that official code would score by accident is refused, by its number and field; good rows are not."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from whenabouts.errors import AnnotationError
from whenabouts.metrics.checks import check_submission, check_windows

Rows = list[dict[str, Any]]

PREDICTED: Rows = [
    {"qid": 1, "pred_relevant_windows": [[0.0, 4.0, 0.9], [6.0, 8.0, 0.2]], "pred_saliency_scores": [0.1] * 5},
    {"qid": 2, "pred_relevant_windows": [[2, 6, 1]], "pred_saliency_scores": [-1.0, 2.0, 0.0, 0.5, 3.0]},
]
ANNOTATED: Rows = [
    {"qid": qid, "duration": 10.0, "relevant_windows": [[2, 6]], "relevant_clip_ids": [1, 4],
     "saliency_scores": [[1, 2, 3], [4, 4, 4]]}
    for qid in (1, 2)
]  # fmt: skip


def changed(rows: Rows, index: int, **values: Any) -> Rows:
    """The rows with other fields in one of them; None takes a field away."""
    made = copy.deepcopy(rows)
    made[index] |= values
    made[index] = {name: value for name, value in made[index].items() if value is not None}
    return made


@pytest.mark.parametrize("empty", [True, False])
def test_good_rows_are_let_pass_without_a_word(empty: bool) -> None:
    rows = PREDICTED if not empty else [{**row, "pred_relevant_windows": [[1.0, 2.0, 0.5, 9.0]]} for row in PREDICTED]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_submission(rows, ANNOTATED)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"pred_relevant_windows": [[3.0, 2.0, 0.5]]}, "pred_relevant_windows: window 1 ends before it starts"),
        ({"pred_relevant_windows": [[0, 1, 1], [0, math.nan, 1]]}, "window 2 has a value that is not a finite number"),
        ({"pred_relevant_windows": [[0, 1, math.inf]]}, "window 1 has a value that is not a finite number"),
        ({"pred_relevant_windows": [[0.0, 1.0]]}, r"a non-empty list of \[start, end, score\] in seconds, not \[0"),
        ({"pred_relevant_windows": [["0", "1", "1"]]}, r"in seconds, not \['0', '1', '1'\]"),
        ({"pred_relevant_windows": [[0, 1, 1], [True, 2, 1]] * 2 + [["a", 1, 1]]}, r"not \[True, 2, 1\]"),
        ({"pred_relevant_windows": []}, r"a non-empty list of \[start, end, score\] in seconds$"),
        ({"pred_relevant_windows": 7}, "the field pred_relevant_windows is missing or no list"),
        ({"pred_saliency_scores": []}, "pred_saliency_scores must be a list of finite numbers"),
        ({"pred_saliency_scores": [math.nan]}, "pred_saliency_scores must be a list of finite numbers"),
        ({"pred_saliency_scores": ["1"]}, "pred_saliency_scores must be a list of finite numbers"),
        ({"pred_saliency_scores": 1.0}, "pred_saliency_scores must be a list of finite numbers"),
    ],
)
def test_a_bad_prediction_is_refused_by_row_and_qid(values: dict[str, Any], words: str) -> None:
    with pytest.raises(AnnotationError, match=rf"^of\.jsonl: prediction row 2, qid 2[:,].*{words}"):
        check_submission(changed(PREDICTED, 1, **values), ANNOTATED, ("of.jsonl: ", "gt.jsonl: "))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"relevant_windows": [[6, 2]]}, "relevant_windows: window 1 ends before it starts"),
        ({"relevant_windows": [[2, 2]]}, "relevant_windows: window 1 has no length"),
        ({"relevant_windows": []}, r"a non-empty list of \[start, end\] in seconds"),
        ({"relevant_windows": None}, "the field relevant_windows is missing"),
        ({"duration": None}, "the field duration is missing"),
        ({"relevant_clip_ids": None}, "the field relevant_clip_ids is missing"),
        ({"saliency_scores": None}, "the field saliency_scores is missing"),
        ({"duration": 0}, "must be the seconds of a video, not 0"),
        ({"duration": 1e7}, r"must be the seconds of a video, not 1e\+07"),
        ({"relevant_clip_ids": []}, "must have one entry per rated clip"),
        ({"relevant_clip_ids": [1]}, "must have one entry per rated clip"),
        ({"relevant_clip_ids": [1, 5]}, "go beyond the video, which has 5 clips of 2 s"),
        ({"relevant_clip_ids": [-1, 1]}, "go beyond the video"),
        ({"duration": 9.9}, "go beyond the video, which has 4 clips"),
    ],
)
def test_a_bad_annotation_is_refused_by_row_and_qid(values: dict[str, Any], words: str) -> None:
    with pytest.raises(AnnotationError, match=rf"^gt\.jsonl: ground truth row 1, qid 1[:,].*{words}"):
        check_submission(PREDICTED, changed(ANNOTATED, 0, **values), ("of.jsonl: ", "gt.jsonl: "))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p, a: (changed(p, 1, qid=1), a), "prediction row 2, qid 1: this qid is already in row 1; keep one"),
        (lambda p, a: (p, changed(a, 1, qid=1)), "ground truth row 2, qid 1: this qid is already in row 1"),
        (lambda p, a: (changed(p, 1, qid=None), a), "prediction row 2: the field qid is missing"),
        (lambda p, a: (p[:1], a), "qid 2 of the ground truth has no prediction"),
        (lambda p, a: (p, a[:1]), "qid 2 is predicted but not in the ground truth"),
        (lambda p, a: ([], []), "no predictions found"),
        (lambda p, a: ([{"qid": 1}, {"qid": 2}], a), "row 1, qid 1: neither pred_relevant_windows nor"),
    ],
)
def test_rows_that_do_not_belong_together_are_refused(
    spoil: Callable[[Rows, Rows], tuple[Rows, Rows]], words: str
) -> None:
    with pytest.raises(AnnotationError, match=words):
        check_submission(*spoil(PREDICTED, ANNOTATED))


def test_only_the_ten_windows_that_count_are_looked_at() -> None:
    windows = [[0.0, 1.0, 0.5]] * 10
    check_submission(changed(PREDICTED, 0, pred_relevant_windows=[*windows, [3.0, 2.0, 0.5]]), ANNOTATED)
    with pytest.raises(AnnotationError, match="window 10 ends"):
        check_submission(changed(PREDICTED, 0, pred_relevant_windows=[*windows[1:], [3.0, 2.0, 0.5]]), ANNOTATED)


def test_windows_without_length_are_counted_where_they_are_allowed() -> None:
    rows = changed(PREDICTED, 0, pred_relevant_windows=[[1, 1, 0.5], [2, 2, 0.1], [3, 4, 0]])
    with pytest.warns(UserWarning, match="^2 predicted windows have no length"):
        check_submission(rows, ANNOTATED)
    assert check_windows([[1, 1, 0.5], [3, 4, 0]], "here", columns=3, empty_allowed=True) == 1
    assert check_windows([[3, 4]], "here", columns=2) == 0
    with pytest.raises(AnnotationError, match=r"^here: window 1 has no length: \[1, 1\]"):
        check_windows([[1, 1]], "here", columns=2)


def test_what_was_wrong_is_shown_in_short() -> None:
    with pytest.raises(AnnotationError) as told:
        check_windows([["x" * 500, 1, 2]], "here", columns=3)
    assert len(str(told.value)) < 200
    assert str(told.value).endswith("…")
