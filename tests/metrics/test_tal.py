"""TAL mAP: bit for bit the official values, and the rule for ties."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.errors import AnnotationError, OfficialCrash
from whenabouts.metrics.instances import Instances
from whenabouts.metrics.matching import union_iou
from whenabouts.metrics.tal import THUMOS14, evaluate, mean_ap, rank_kx, recall_at_kx

OFFICIAL = [0.4918198241856119, 0.466880875138081, 0.41692656613488, 0.31030677778159566, 0.15763697963141549]


@pytest.fixture(scope="module")
def thumos(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = data / "thumos14"
    return json.loads((folder / "synthetic_predictions.json").read_text()), json.loads(
        (folder / "ground_truth.json").read_text()
    )


@pytest.mark.parametrize("variant", ["anet", "opentad"])
def test_official_values_to_the_last_bit(thumos: tuple[dict[str, Any], dict[str, Any]], variant: str) -> None:
    figures = evaluate(*thumos, variant=variant, subset="test", tious=THUMOS14, recall_at=(1, 5))
    assert [figures[f"mAP@{tiou}"] for tiou in THUMOS14] == OFFICIAL
    assert figures["average_mAP"] == 0.36871420457431675
    assert figures["recall@1x@0.5"] == pytest.approx(0.6324386670532874, abs=1e-15)
    assert figures["recall@5x@0.5"] == pytest.approx(0.673811273554318, abs=1e-15)


def tiny(
    segments: list[list[float]], found: list[list[float]], label: str = "a"
) -> tuple[dict[str, Any], dict[str, Any]]:
    truth = {"v": {"subset": "test", "annotations": [{"segment": s, "label": "a"} for s in segments]}}
    rows = [{"segment": row[:2], "score": row[2], "label": label} for row in found]
    return {"results": {"v": rows}}, {"database": truth}


def test_duplicates_and_empty_annotations_by_variant() -> None:
    files = tiny([[0, 10], [0, 10.0005], [20, 20]], [[0, 10, 0.9]])
    with pytest.warns(UserWarning, match="has no length"):
        assert evaluate(*files, variant="anet", tious=[0.5])["mAP@0.5"] == pytest.approx(1 / 3)
    assert evaluate(*files, variant="opentad", tious=[0.5])["mAP@0.5"] == 1.0


def test_an_unknown_label_by_variant() -> None:
    files = tiny([[0, 10]], [[0, 10, 0.9]], label="b")
    with pytest.raises(AnnotationError, match="video 'v', prediction 1: no annotation has the label 'b'"):
        evaluate(*files, variant="anet")
    with pytest.raises(OfficialCrash, match="KeyError"):
        evaluate(*files, variant="anet", strict_official=True)
    assert evaluate(*files, variant="opentad")["average_mAP"] == 0.0


@pytest.mark.parametrize("row", [[10, 0, 0.5], [float("nan"), 3, 0.5], [4, 4, 0.5]])
def test_broken_segments_are_refused_unless_strict(row: list[float]) -> None:
    files = tiny([[0, 10]], [row])
    with pytest.raises(AnnotationError, match="video 'v', prediction 1"):
        evaluate(*files)
    evaluate(*files, strict_official=True)


def test_ties_keep_file_order_and_are_counted() -> None:
    files = tiny([[0, 10]], [[50, 60, 0.5], [0, 10, 0.5]])
    with pytest.warns(UserWarning, match=r"^predictions share their score with another of their class \(1\)"):
        assert evaluate(*files, tious=[0.5])["mAP@0.5"] == 0.5


def tied(order: list[int]) -> float:
    rows = [[0, 10, 0.5], [50, 60, 0.5]]
    with pytest.warns(UserWarning, match=r"^predictions share their score with another of their class \(1\)"):
        return evaluate(*tiny([[0, 10]], [rows[i] for i in order]), tious=[0.5], strict_official=True)["mAP@0.5"]


def test_strict_ties_are_sorted_as_officially() -> None:
    # activitynet/ActivityNet eval_detection.py:compute_average_precision_detection, prediction['score'].argsort()[::-1]
    last_first = np.array([0.5, 0.5]).argsort()[::-1].tolist() == [1, 0]  # so by every sort of numpy that was seen
    assert (tied([0, 1]), tied([1, 0])) == ((0.5, 1.0) if last_first else (1.0, 0.5))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([3, 20, 300]))
def test_strict_ties_of_any_number_follow_the_same_sort(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    starts, truths = rng.integers(0, 30, count), np.sort(rng.uniform(0, 30, (25, 2)), axis=1)
    found = [(float(s), float(s + rng.integers(1, 9)), float(rng.integers(0, 4))) for s in starts]
    files = tiny(truths.tolist(), list(map(list, found)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ap = evaluate(*files, tious=[0.5], strict_official=True)["mAP@0.5"]
    order = np.array([row[2] for row in found]).argsort()[::-1]
    ranked = [(found[i][0], found[i][1], -float(place)) for place, i in enumerate(order)]
    assert ap == pytest.approx(slow_ap(ranked, [(a, b) for a, b in truths.tolist()], 0.5), abs=1e-12)


def test_a_class_of_which_no_annotation_counts_is_no_class() -> None:
    predictions, truth = tiny([[1, 5]], [[1, 5, 0.5]])
    truth["database"]["v"]["annotations"].append({"segment": [3, 3], "label": "b"})
    assert evaluate(predictions, truth, variant="opentad", tious=[0.5])["mAP@0.5"] == 1.0  # OpenTAD mAP.py: 1.0
    with pytest.warns(UserWarning, match="has no length"):
        assert evaluate(predictions, truth, variant="ego4d", tious=[0.5])["mAP@0.5"] == 0.5  # Ego4D's copy: 0.5


def slow_ap(found: list[tuple[float, float, float]], truths: list[tuple[float, float]], tiou: float) -> float:
    """One class in one video, one prediction after the other."""
    free, hits = set(range(len(truths))), []
    for start, end, _ in sorted(found, key=lambda row: -row[2]):
        overlaps = union_iou(np.tile([start, end], (len(truths), 1)), np.array(truths))
        for i in np.argsort(overlaps)[::-1]:
            if overlaps[i] < tiou:
                hits.append(False)
                break
            if int(i) in free:
                free.remove(int(i))
                hits.append(True)
                break
        else:
            hits.append(False)
    precision = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits))]
    return sum(max(precision[i:]) for i, hit in enumerate(hits) if hit) / len(truths)


windows = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda w: (float(w[0]), float(w[0] + w[1])))


@settings(max_examples=60)
@given(
    st.lists(windows, min_size=1, max_size=6, unique=True),
    st.lists(windows, max_size=12),
    st.sampled_from([0.3, 0.5, 0.7]),
)
def test_rounds_of_asking_equal_one_after_the_other(
    truths: list[tuple[float, float]], found: list[tuple[float, float]], tiou: float
) -> None:
    scores = np.linspace(1, 0.1, len(found))
    zeros = lambda n: np.zeros(n, np.intp)  # noqa: E731
    predictions = Instances(np.array(found).reshape(-1, 2), zeros(len(found)), zeros(len(found)), scores)
    annotations = Instances(np.array(truths), zeros(len(truths)), zeros(len(truths)), np.ones(len(truths)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [[ap]] = mean_ap(predictions, annotations, [tiou], classes=1)
    overlaps = [union_iou(np.tile(f, (len(truths), 1)), np.array(truths)) for f in found]
    if all(len(set(row[row >= tiou])) == (row >= tiou).sum() for row in overlaps):  # ties may go either way
        slow = slow_ap([(*w, s) for w, s in zip(found, scores, strict=True)], truths, tiou)
        assert ap == pytest.approx(slow, abs=1e-12)


def test_the_two_retrieval_measures_part_in_order_and_strictness() -> None:
    one = np.zeros(1, np.intp)
    truth = Instances(np.array([[0.0, 10.0]]), one, one, np.ones(1))
    both = np.zeros(2, np.intp)
    found = Instances(np.array([[50.0, 60.0], [0.0, 5.0]]), both, both, np.array([0.1, 0.9]))
    assert recall_at_kx(found, truth, [0.5], 1, classes=1).tolist() == [1.0]  # best score first, 0.5 counts
    assert rank_kx(found, truth, [0.3], 1).tolist() == [0.0]  # the first in the file is elsewhere
    assert rank_kx(found, truth, [0.3, 0.5], 2).tolist() == [1.0, 0.0]  # 0.5 is not above 0.5
