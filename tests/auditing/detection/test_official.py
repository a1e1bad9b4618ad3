"""Figures of DETAD's own code (HumamAlwassel/DETAD 24f7d95, with np.float and np.int replaced) on the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_detections import small

from whenabouts.auditing.detection import DetectionDiagnosis, diagnose_detections
from whenabouts.errors import OfficialCrash
from whenabouts.metrics.argsorted import assign_as_argsort
from whenabouts.metrics.matching import assign

CLOSE = {"rel": 0, "abs": 1e-12}


@pytest.fixture(scope="module")
def thumos(data: Path) -> DetectionDiagnosis:
    folder = data / "thumos14"
    predictions, truth = folder / "synthetic_predictions.json", folder / "ground_truth.json"
    return diagnose_detections(predictions, "thumos14", truth, tious=(0.3, 0.5, 0.7))


def test_false_positives_of_thumos14(thumos: DetectionDiagnosis) -> None:
    # false_positive_analysis.py: split_predictions_by_score_ranges; action_detector_diagnosis.py: diagnose
    mistakes = thumos.mistakes
    assert mistakes.counts.tolist() == [
        [2407, 2238, 1420],
        [850, 662, 224],
        [741, 607, 297],
        [79, 421, 1627],
        [119, 268, 628],
        [421, 421, 421],
    ]
    assert mistakes.counts_by_rank[1].tolist() == [
        [383, 380, 309],
        [359, 286, 90],
        [226, 173, 82],
        [25, 104, 370],
        [50, 100, 192],
        [184, 184, 184],
    ]
    assert mistakes.mean_ap == pytest.approx([0.5299051667705121, 0.45012434581383187, 0.18114199802864586], **CLOSE)
    assert mistakes.gains.mean(axis=1) == pytest.approx(
        [0.025667652306755773, 0.052382814184966375, 0.046895811154083755, 0.015796673819686524, 0.012598298594988344],
        **CLOSE,
    )


def test_sensitivity_and_misses_of_thumos14(thumos: DetectionDiagnosis) -> None:
    # sensitivity_analysis.py: compute_average_mAP_N_for_characteristic
    # false_negative_analysis.py: fn_distribution_by_characteristic
    assert thumos.normalised.mean() == pytest.approx(0.38705717020432995, **CLOSE)
    length, instances = thumos.by_characteristic
    assert (length.characteristic.name, instances.characteristic.name) == ("length", "num-instances")
    assert length.mean_ap == pytest.approx(
        [0.43111305058383165, 0.43250249463379287, 0.41596177508949683, 0.4703117636402827, 0.5881968806607772], **CLOSE
    )
    assert instances.mean_ap == pytest.approx(
        [0.6284291358040414, 0.3920598758921178, 0.3885573549489642, 0.3831812637129818], **CLOSE
    )
    assert length.missed.mean(axis=1) == pytest.approx(
        [0.39203484754200374, 0.3973902728351127, 0.3717768401312705, 0.3864306784660767, 0.44144144144144143], **CLOSE
    )
    assert instances.missed.mean(axis=1) == pytest.approx(
        [0.3555555555555556, 0.3896103896103896, 0.3878954607977992, 0.3922518159806296], **CLOSE
    )


def test_official_code_holds_a_video_without_instances_against_the_one_before(tmp_path: Path) -> None:
    # action_detector_diagnosis.py: analyze_fp_error_types keeps this_gt of the last video that had instances
    videos = {"a": [[0, 10, "jump"]]}
    found = {"a": [[20, 30, "jump", 0.9]], "b": [[0, 10, "jump", 0.8], [0, 10, "jump", 0.7], [0, 15, "jump", 0.6]]}
    assert small(tmp_path, videos, found).mistakes.counts[:, 0].tolist() == [0, 0, 0, 0, 0, 4]
    strict = small(tmp_path, videos, found, strict_official=True)
    assert strict.mistakes.counts[:, 0].tolist() == [0, 2, 0, 0, 0, 2]


def test_official_code_stops_where_there_is_no_video_before(tmp_path: Path) -> None:
    found = {"a": [[0, 10, "jump", 0.8], [0, 10, "jump", 0.7]], "b": [[0, 10, "jump", 0.9]]}
    strict = small(tmp_path, {"b": [[0, 10, "jump"]]}, found, strict_official=True)
    with pytest.raises(OfficialCrash, match="UnboundLocalError"):
        _ = strict.mistakes


def test_official_code_stops_at_a_class_without_detections(tmp_path: Path) -> None:
    videos, found = {"a": [[0, 10, "jump"], [20, 50, "run"]]}, {"a": [[0, 10, "jump", 0.8]]}
    with pytest.raises(OfficialCrash, match="KeyError"):
        _ = small(tmp_path, videos, found, strict_official=True).by_characteristic
    by_name = {row.characteristic.name: row for row in small(tmp_path, videos, found).by_characteristic}
    assert by_name["length"].mean_ap[0] == 0.5 and np.isnan(by_name["length"].mean_ap[1:]).all()


def test_instances_that_are_overlapped_equally_are_tried_as_numpy_sorts_them() -> None:
    # action_detector_diagnosis.py: compute_average_precision_detection, tiou_arr.argsort()[::-1]
    detections, instances = np.array([[0.0, 10.0], [0.0, 8.0]]), np.array([[0.0, 5.0], [5.0, 10.0]])
    group = np.zeros(2, dtype=np.intp)
    first = int(np.array([0.5, 0.5]).argsort()[::-1][0])
    taken = assign_as_argsort(detections, group, instances, group, (0.5, 0.9))
    assert taken.tolist() == [[first, -1], [0 if first else -1, -1]]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0.1, 9)), max_size=9), st.integers(0, 99))
def test_without_equal_overlaps_official_code_assigns_as_we_do(rows: list[tuple[float, float]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    detections = np.array([[start, start + length] for start, length in rows]).reshape(-1, 2)
    instances = np.sort(rng.uniform(0, 15, (5, 2)))
    groups, of_instances = rng.integers(0, 2, len(rows)), rng.integers(0, 3, 5)
    ways = (detections, groups, instances, of_instances, (0.1, 0.5))
    assert np.array_equal(assign_as_argsort(*ways), assign(*ways))
