"""The algebra of intervals: against official vectors, brute force and its own laws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from whenabouts import Moment, MomentError
from whenabouts.moment import (
    clips_to_windows,
    giou,
    intersection,
    iop,
    merge,
    nms,
    round_to_clips,
    soft_nms,
    tiou,
    union,
)

seconds = st.integers(0, 4000).map(lambda n: n / 8)  # exact in binary: sums and differences have no rounding


@st.composite
def windows(draw: st.DrawFn, min_size: int = 1, max_size: int = 12) -> np.ndarray:
    size = draw(st.integers(min_size, max_size))
    ends = draw(arrays(np.float64, (size, 2), elements=seconds))
    ends = np.sort(ends, axis=1)
    ends[:, 1] += 0.125
    return ends


@pytest.fixture(scope="module")
def primitives(data: Path) -> Any:
    return np.load(data / "vectors" / "primitives_a.npz", allow_pickle=False)


def test_pairwise_measures_equal_the_official_ones(primitives: Any) -> None:
    a, b = primitives["span_iou/a"], primitives["span_iou/b"]
    for measure, name in [(tiou, "iou"), (union, "union"), (giou, "giou")]:
        np.testing.assert_allclose(measure(a, b), primitives[f"span_iou/{name}"], atol=1e-6, err_msg=name)
    # the official function takes (ground truth, prediction)
    np.testing.assert_allclose(iop(b, a).T, primitives["span_iou/inter_over_pred"], atol=1e-6)


def test_tan_iou_equals_the_official_one(primitives: Any) -> None:
    measured = tiou(primitives["tan_iou/pred"], primitives["tan_iou/gt"])[:, 0]
    np.testing.assert_allclose(measured, primitives["tan_iou/iou"], atol=1e-12)


def test_nms_equals_the_official_one(primitives: Any) -> None:
    for case in json.loads(str(primitives["nms_json"])):
        rows = np.asarray(case["dets"])
        kept = rows[nms(rows[:, :2], rows[:, 2], case["thd"])][: case["max_after"]]
        assert kept.tolist() == case["keep"]


def test_nms_of_ranked_proposals_equals_2d_tan(primitives: Any) -> None:
    for case in json.loads(str(primitives["tan_nms_json"])):
        rows = np.asarray(case["dets"])
        kept = rows[nms(rows, -np.arange(len(rows)), case["thresh"])]
        wanted = case["keep"]
        assert kept[: len(wanted)].tolist() == wanted


def test_clip_rounding_equals_the_official_post_processing(primitives: Any) -> None:
    case = json.loads(str(primitives["postproc_json"]))
    for rows, wanted in zip(case["inputs"], case["qvhighlights"], strict=True):
        rounded = round_to_clips(np.asarray(rows)[:, :2], 2.0, low=0, high=150)
        assert rounded.tolist() == np.asarray(wanted)[:, :2].tolist()


def test_clip_numbers_become_windows_as_in_qvhighlights(primitives: Any) -> None:
    for case in json.loads(str(primitives["windows_json"])):
        assert clips_to_windows(case["ids"], 2.0).tolist() == case["seconds"]


@given(windows(), windows())
def test_tiou_is_symmetric_bounded_and_one_only_on_equality(a: np.ndarray, b: np.ndarray) -> None:
    overlap = tiou(a, b)
    np.testing.assert_array_equal(overlap, tiou(b, a).T)
    assert ((overlap >= 0) & (overlap <= 1)).all()
    np.testing.assert_array_equal(overlap == 1, (a[:, None] == b[None]).all(-1))


@given(windows(), windows())
def test_giou_never_exceeds_tiou_and_equals_it_on_contact(a: np.ndarray, b: np.ndarray) -> None:
    general, plain = giou(a, b), tiou(a, b)
    assert (general <= plain).all() and (general > -1).all()
    touching = intersection(a, b) > 0
    np.testing.assert_array_equal(general[touching], plain[touching])


@given(windows(), windows(), st.integers(-3, 6), seconds)
def test_tiou_does_not_change_when_time_is_scaled_or_shifted(
    a: np.ndarray, b: np.ndarray, power: int, shift: float
) -> None:
    np.testing.assert_allclose(tiou(a * 2.0**power + shift, b * 2.0**power + shift), tiou(a, b), atol=1e-12)


def test_degenerate_intervals_score_zero_rather_than_nan() -> None:
    empty, inverted, good = [3.0, 3.0], [9.0, 4.0], [0.0, 10.0]
    assert tiou([empty, inverted], [empty, inverted, good]).tolist() == [[0, 0, 0], [0, 0, 0]]


@given(windows(max_size=20), st.data())
def test_nms_keeps_the_best_of_every_crowd(rows: np.ndarray, draw: st.DataObject) -> None:
    scores = draw.draw(arrays(np.float64, len(rows), elements=st.floats(0, 1)))
    threshold = draw.draw(st.floats(0, 0.9))
    kept = nms(rows, scores, threshold)
    apart = tiou(rows[kept], rows[kept]) - np.eye(len(kept))
    assert (apart <= threshold).all()
    assert (np.diff(scores[kept]) <= 0).all()
    for lost in set(range(len(rows))) - set(kept.tolist()):
        rivals = kept[tiou(rows[lost], rows[kept])[0] > threshold]
        assert (scores[rivals] >= scores[lost]).any()


@given(windows(max_size=20))
def test_soft_nms_only_lowers_scores_and_leaves_disjoint_windows_alone(rows: np.ndarray) -> None:
    scores = np.linspace(1, 0.5, len(rows))
    kept, decayed = soft_nms(rows, scores, sigma=0.5, min_score=0.0)
    assert sorted(kept.tolist()) == list(range(len(rows)))
    assert (decayed <= scores[kept] + 1e-12).all() and (np.diff(decayed) <= 1e-12).all()
    alone = [i for i, k in enumerate(kept) if tiou(rows[k], np.delete(rows, k, axis=0)).sum() == 0]
    np.testing.assert_array_equal(decayed[alone], scores[kept[alone]])


def test_soft_nms_halves_a_duplicate_by_the_papers_formula() -> None:
    kept, decayed = soft_nms([[0, 10], [0, 10]], [1.0, 0.8], sigma=0.5)
    assert kept.tolist() == [0, 1]
    assert decayed[1] == pytest.approx(0.8 * np.exp(-2))


@given(windows(max_size=20), st.sampled_from([0.0, 0.5, 3.0]))
def test_merge_covers_the_same_seconds_with_disjoint_windows(rows: np.ndarray, gap: float) -> None:
    joined = merge(rows, gap=gap)
    assert (joined[1:, 0] > joined[:-1, 1] + gap).all()
    for start, end in rows:
        assert ((joined[:, 0] <= start) & (joined[:, 1] >= end)).sum() == 1
    assert set(joined[:, 0]) <= set(rows[:, 0]) and set(joined[:, 1]) <= set(rows[:, 1])
    np.testing.assert_array_equal(merge(joined, gap=gap), joined)


@given(st.sets(st.integers(0, 80), max_size=40))
def test_clip_windows_cover_exactly_the_clips(ids: set[int]) -> None:
    covered = {i for start, end in clips_to_windows(ids) for i in range(int(start), int(end))}
    assert covered == ids


def test_empty_input_gives_empty_output() -> None:
    assert merge([]).shape == (0, 2)
    assert nms(np.zeros((0, 2)), [], 0.5).tolist() == []
    assert soft_nms(np.zeros((0, 2)), [])[0].tolist() == []
    assert clips_to_windows([]).shape == (0, 2)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2), (float("nan"), 2), (0, float("inf"))])
def test_a_moment_refuses_what_is_no_stretch_of_video(start: float, end: float) -> None:
    with pytest.raises(MomentError, match="0 <= start < end"):
        Moment(start, end)


def test_a_moment_refuses_a_nan_score() -> None:
    with pytest.raises(MomentError, match="NaN"):
        Moment(0, 1, float("nan"))


def test_moments_compare_by_overlap() -> None:
    assert Moment(0, 10).tiou(Moment(5, 15)) == pytest.approx(1 / 3)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)), max_size=40))
def test_suppression_of_few_windows_and_of_many_is_the_same(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, dtype=float).reshape(-1, 3)
    far = np.column_stack([np.arange(40) * 100.0 + 1000, np.arange(40) * 100.0 + 1001, np.full(40, -1.0)])
    many = np.concatenate([table, far])  # windows that touch no other
    kept = nms(table[:, :2], table[:, 2], 0.5).tolist()
    assert kept == [i for i in nms(many[:, :2], many[:, 2], 0.5).tolist() if i < len(table)]
