"""Kinds of errors by hand and against a loop, what is left out, and what a reader is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_detections import small

from whenabouts.auditing.detection import DetectionDiagnosis, diagnose_detections
from whenabouts.auditing.detection.characteristics import ACTIVITYNET
from whenabouts.auditing.detection.mistakes import ERRORS, KINDS
from whenabouts.errors import AnnotationError, InputError
from whenabouts.moment import tiou

VIDEOS = {"a": [[0, 10, "jump"], [50, 60, "run"]], "b": [[0, 40, "run"]]}
ONE_OF_EACH = {
    "a": [
        [0, 10, "jump", 0.9],  # right
        [0, 9, "jump", 0.8],  # again
        [50, 59, "jump", 0.7],  # of the other class
        [6, 14, "jump", 0.6],  # 4 s of 14 in common
        [57, 70, "jump", 0.5],  # 3 s of 20 in common, of the other class
        [80, 90, "jump", 0.4],
        [50, 60, "run", 0.9],
    ]
}


def test_every_kind_by_hand(tmp_path: Path) -> None:
    mistakes = small(tmp_path, VIDEOS, ONE_OF_EACH).mistakes
    assert [KINDS[kind] for kind in mistakes.kinds[:, 0]] == ["true positive", *ERRORS, "true positive"]
    assert mistakes.counts_by_rank[0, :, 0].tolist() == [2, 0, 0, 0, 0, 0]
    # jump finds its only instance first, run one of two: 1 + 0.5 × 1, over two classes
    assert mistakes.mean_ap.tolist() == [0.75]
    assert mistakes.gains.tolist() == [[0.0]] * 5


def test_detections_of_one_kind_are_listed_best_first(tmp_path: Path) -> None:
    diagnosis = small(tmp_path, VIDEOS, ONE_OF_EACH)
    assert [row["score"] for row in diagnosis.rows("true positive")] == [0.9, 0.9] and len(diagnosis.rows()) == 7
    assert diagnosis.rows("confusion") == [
        {
            "video": "a",
            "label": "jump",
            "segment": [57, 70],
            "score": 0.5,
            "kind": "confusion",
            "overlap": 0.15,
            "instance": [50, 60],
            "instance_label": "run",
        }
    ]
    assert diagnosis.rows("background")[0]["instance"] is None
    with pytest.raises(InputError, match="unknown kind of detection 'hit'; choose one of: true positive, "):
        diagnosis.rows("hit")


def test_removing_what_stands_before_a_hit_gains(tmp_path: Path) -> None:
    found = {"a": [[80, 90, "jump", 0.9], [0, 10, "jump", 0.8], [50, 60, "run", 0.7]], "b": [[0, 40, "run", 0.9]]}
    mistakes = small(tmp_path, VIDEOS, found).mistakes
    # N = 1.5 instances per class: precision of jump is 1.5 / (1.5 + 1)
    assert mistakes.mean_ap == pytest.approx([(0.6 + 1) / 2])
    assert mistakes.gains[:, 0] == pytest.approx([0, 0, 0, 0, 0.2])


def test_only_ten_times_as_many_detections_as_instances_are_looked_at(tmp_path: Path) -> None:
    found = {"a": [[80, 90, "jump", n / 100] for n in range(30)], "b": [[0, 40, "run", 0.1]]}
    diagnosis = small(tmp_path, VIDEOS, found)
    assert len(diagnosis.mistakes.kinds) == 11 and diagnosis.mistakes.counts.sum() == 11
    assert diagnosis.mistakes.counts_by_rank[:, 5, 0].tolist() == [1] * 10


def test_instances_that_cannot_be_are_left_out_and_told(tmp_path: Path) -> None:
    videos = {"a": [[0, 10, "jump"], [5, 5, "run"], [9, 3, "jump"], [0, 120, "jump"]]}
    with pytest.warns(UserWarning, match="are left out"):
        diagnosis = small(tmp_path, videos, {"a": [[0, 10, "jump", 0.5], [0, 10, "run", 0.5]]})
    assert diagnosis.notes == (
        "instances that do not end after they start are left out: 2",
        "instances that outlast their video are left out: 1",
    )
    # run has no instance that counts, so neither do its detections
    assert len(diagnosis.truth.instances) == len(diagnosis.detections) == 1
    assert diagnosis.normalised.tolist() == [1.0]


segments = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda s: [s[0], s[0] + s[1]])
labels = st.sampled_from(["jump", "run"])
rows = st.lists(st.tuples(segments, labels).map(lambda r: [*r[0], r[1]]), max_size=5)
scored = st.lists(st.tuples(segments, labels, st.integers(0, 9)).map(lambda r: [*r[0], r[1], r[2] / 10]), max_size=12)


@settings(max_examples=60)
@given(st.fixed_dictionaries({"a": rows, "b": rows}), st.fixed_dictionaries({"a": scored, "b": scored, "c": scored}))
def test_as_a_loop_over_detections(tmp_path: Path, truth: dict[str, Any], found: dict[str, Any]) -> None:
    truth["a"] = [[0, 10, "jump"], [40, 45, "run"], *truth["a"]]
    diagnosis = small(tmp_path, truth, found)
    counts = dict.fromkeys(KINDS, 0)
    for label in ("jump", "run"):
        total = sum(row[2] == label for rows in truth.values() for row in rows)
        ranked = sorted(
            ((video, row) for video in found for row in found[video] if row[2] == label), key=lambda pair: -pair[1][3]
        )
        held: set[tuple[str, int]] = set()
        for video, (start, end, _, _) in ranked[: 10 * total]:
            kind, own = "background", truth.get(video, [])
            overlaps = [float(tiou([start, end], row[:2]).item()) for row in own]
            for i in sorted(range(len(own)), key=lambda i: (-overlaps[i], -i)):
                if own[i][2] == label and overlaps[i] >= 0.5 and (video, i) not in held:
                    held.add((video, i))
                    kind = "true positive"
                    break
            else:
                if own and max(overlaps) >= 0.1:
                    same = own[int(np.argmax(overlaps))][2] == label
                    far = max(overlaps) >= 0.5
                    kind = ERRORS[{(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[far, same]]
            counts[kind] += 1
    assert diagnosis.mistakes.counts[:, 0].tolist() == list(counts.values())
    assert json.dumps(diagnosis.to_dict(), allow_nan=False)
    assert diagnosis.document().verdicts


def test_one_bin_that_holds_all_has_the_mean_of_all(tmp_path: Path) -> None:
    diagnosis = small(tmp_path, VIDEOS, ONE_OF_EACH)
    by_name = {row.characteristic.name: row for row in diagnosis.by_characteristic}
    assert by_name["num-instances"].instances.tolist() == [1, 2, 0, 0]
    assert by_name["coverage"].instances.sum() == 3
    length = by_name["length"]
    assert length.instances.tolist() == [2, 1, 0, 0, 0]
    # of 0 – 30 s both are found first, of 30 – 60 s the only one is not found
    assert length.mean_ap[:2].tolist() == [1.0, 0.0] and length.missed[:2, 0].tolist() == [0.0, 1.0]


def test_bins_have_their_upper_edge() -> None:
    coverage = next(c for c in ACTIVITYNET if c.name == "coverage")
    assert coverage.bins(np.array([0, 0.2, 0.2001, 1, 1.2, np.nan])).tolist() == [0, 0, 1, 4, -1, -1]
    context = next(c for c in ACTIVITYNET if c.name == "context-size")
    assert [context.labels[i] for i in context.bins(np.array([-1.0, 0, 1, 6]))] == ["0", "0", "1", "6"]


def test_characteristics_of_another_file_find_their_instances(tmp_path: Path) -> None:
    described = {"a": [{"segment": [0.04, 10], "label": "jump", "agreement": 0.9, "context-size": None}]}
    path = tmp_path / "extra.json"
    path.write_text(json.dumps({"database": {k: {"annotations": v} for k, v in described.items()}}))
    with pytest.warns(UserWarning, match="describes 1 of 3 instances"):
        diagnosis = small(tmp_path, VIDEOS, ONE_OF_EACH, characteristics=path)
    by_name = {row.characteristic.name: row.instances.tolist() for row in diagnosis.by_characteristic}
    assert by_name["agreement"] == [0, 0, 0, 0, 1] and "context-size" not in by_name
    path.write_text(json.dumps({"database": {"z": {"annotations": []}}}))
    with pytest.raises(InputError, match="describes none of the instances"):
        small(tmp_path, VIDEOS, ONE_OF_EACH, characteristics=path)
    path.write_text(json.dumps({"database": {"a": {"annotations": [{"segment": [0], "label": "jump"}]}}}))
    with pytest.raises(AnnotationError, match="segment must be"):
        small(tmp_path, VIDEOS, ONE_OF_EACH, characteristics=path)


def test_what_a_reader_is_told(tmp_path: Path) -> None:
    found = {"a": [[80, 90, "jump", 0.9], [0, 10, "jump", 0.8], [50, 60, "run", 0.7]], "b": [[0, 40, "run", 0.9]]}
    document = small(tmp_path, VIDEOS, found).document()
    assert document.verdicts[0] == (
        "background: 100 % of wrong detections (95 % 100 to 100) are where nothing happens; without them average mAP_N "
        "would be 20.0 points higher than 80.0"
    )
    assert document.verdicts[-1].startswith("0 % of 3 instances are missed at tIoU 0.5")
    assert [section.title for section in document.sections][:2] == ["Scores", "False positives"]


def test_without_detections_nothing_is_divided_by_nothing(tmp_path: Path) -> None:
    diagnosis = small(tmp_path, VIDEOS, {"a": []})
    assert diagnosis.document().verdicts[0] == "there is no detection of a class that has instances"
    assert diagnosis.mistakes.shares == {} and json.dumps(diagnosis.to_dict(), allow_nan=False)


def test_another_task_and_broken_rows_are_refused(tmp_path: Path, data: Path) -> None:
    with pytest.raises(InputError, match="has no classes of actions"):
        diagnose_detections({"results": {}}, "qvhighlights", data)
    with pytest.raises(AnnotationError, match="inverted"):
        small(tmp_path, VIDEOS, {"a": [[9, 3, "jump", 0.5]]})


def test_shares_sum_to_one(data: Path) -> None:
    folder = data / "thumos14"
    diagnosis: DetectionDiagnosis = diagnose_detections(folder / "synthetic_predictions.json", "thumos14", data)
    shares = diagnosis.mistakes.shares
    assert sum(share.mean for share in shares.values()) == pytest.approx(1)
    assert all(share.low <= share.mean <= share.high for share in shares.values())
