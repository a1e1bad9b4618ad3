"""One function scores every task, from a file or from values, and says whose fault it is when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whenabouts
from whenabouts.benchmarks import dataset
from whenabouts.commands import Evaluate
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.protocols import OFFICIAL
from whenabouts.evaluation.report import RankedReport
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Saliency

ROWS = [
    {"vid": "cat", "query": "it jumps", "duration": 30.0, "relevant_windows": [[0, 10]], "split": "test"},
    {"vid": "dog", "query": "it barks", "duration": 40.0, "relevant_windows": [[5, 10], [20, 30]], "split": "test"},
    {"vid": "dog", "query": "it flies", "duration": 40.0, "relevant_windows": [], "split": "test"},
    {"vid": "cow", "query": "it eats", "duration": 20.0, "relevant_windows": [[0, 10]], "split": "train"},
]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "my.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def prediction(
    query: str, *windows: tuple[float, float], video: str | None = None, duration: float = 40.0
) -> Prediction:
    moments = tuple(Moment(start, end, 1.0 - rank / 10) for rank, (start, end) in enumerate(windows))
    return Prediction(query, moments, duration, video=video)


ANSWERS = [
    prediction("it barks", (20, 30), (0, 1), video="videos/dog.mp4"),
    prediction("it jumps", (0, 6), video="videos/cat.mp4"),
]


@pytest.mark.filterwarnings("ignore:1 query has no window")
def test_a_file_of_ones_own_is_scored_from_predictions_rows_or_a_file(own: Path, tmp_path: Path) -> None:
    report = evaluate(ANSWERS, own)
    assert isinstance(report, RankedReport)
    assert (report.split, report.protocol, report.queries) == ("test", "own", 2)
    assert report.scores["mIoU"] == pytest.approx(80.0) and report.scores["R1@0.7"] == 50.0
    assert "constant for R1@0.5" in report.blind, "the training split is in the same file"
    rows = [{"qid": 1, "pred_relevant_windows": [(0, 6, 0.9)]}, {"qid": 2, "pred_relevant_windows": [(20, 30, 0.9)]}]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for same in (rows, {1: np.array([[0, 6]]), 2: [[20, 30]]}, tmp_path / "answers.jsonl"):
        assert evaluate(same, own).scores == report.scores
    assert whenabouts.evaluate(ANSWERS, own).scores == report.scores


def test_queries_without_a_window_are_told_of(own: Path) -> None:
    with pytest.warns(UserWarning, match="1 query has no window in the annotations and is not scored"):
        evaluate(ANSWERS, own)


@pytest.mark.filterwarnings("ignore")
def test_predictions_in_the_order_of_the_annotations_need_no_video(own: Path) -> None:
    in_order = [prediction("it jumps", (0, 10)), prediction("it barks", (5, 10)), prediction("it flies")]
    assert evaluate(in_order, own).scores["mIoU"] == 100.0
    with pytest.raises(AnnotationError, match="the predictions, entry 1: it does not say its video"):
        evaluate(in_order[:2], own)
    with pytest.raises(AnnotationError, match="the query 'it swims' on dog is not in the ground truth"):
        evaluate([prediction("it swims", (0, 1), video="dog")], own)


def test_moments_and_clip_ratings_are_scored_from_predictions(data: Path) -> None:
    """The official figures of a perfect answer, from `Prediction` objects."""
    examples = dataset("qvhighlights").load(data, "val").examples
    answers = []
    for e in examples:
        assert e.duration is not None and e.clip_ids is not None and e.saliency is not None
        clips = np.zeros(int(e.duration / 2))
        clips[e.clip_ids] = e.saliency.sum(axis=1)
        moments = tuple(Moment(start, end, 1.0) for start, end in e.windows.tolist())
        saliency = Saliency(tuple(2.0 * i for i in range(len(clips))), tuple(clips.tolist()))
        answers.append(Prediction(e.query, moments, e.duration, saliency=saliency))
    report = evaluate(answers, "qvhighlights", data, split="val", official="univtg")
    assert report.figures is not None and report.evaluator == "univtg"
    assert report.scores["MR-full-R1@0.7-key"] == 100.0
    assert 99 < report.scores["MR-full-mAP-key"] < 100, "ten windows count, and some queries have more"
    assert report.first_window is not None and report.first_window().scores["mIoU"] == 100.0


def test_detections_are_scored_from_predictions(data: Path) -> None:
    examples = dataset("thumos14").load(data, "test").examples
    answers = [
        prediction(e.query, *[(s, t) for s, t in e.windows.tolist()[:9]], video=f"{e.video}.mp4", duration=1e4)
        for e in examples
    ]
    with pytest.warns(UserWarning, match="predictions share their score"):
        report = evaluate(answers, "thumos14", data)
    assert report.figures is not None
    assert report.scores["average_mAP"] == pytest.approx(100 * report.figures["average_mAP"])
    assert 50 < report.scores["average_mAP"] < 100, "nine instances of each class and video are found"
    assert "average_mAP" in report.table() and "average_mAP" in report.plot().svg


@pytest.mark.filterwarnings("ignore:1 query has no window")
def test_each_side_is_told_of_its_own_faults(own: Path, tmp_path: Path) -> None:
    truth = tmp_path / "val.jsonl"
    truth.write_text(json.dumps({"qid": 1, **ROWS[0]}) + "\n")

    def official(rows: list[dict[str, Any]]) -> None:
        answers = tmp_path / "answers.jsonl"
        answers.write_text("\n".join(map(json.dumps, rows)))
        evaluate(answers, "qvhighlights", truth, official="moment_detr")

    with pytest.raises(AnnotationError, match=r"answers\.jsonl: qid 1 of the ground truth has no prediction"):
        official([{"qid": 2, "pred_relevant_windows": [[0, 1, 1]]}])
    with pytest.raises(AnnotationError, match=r"val\.jsonl: ground truth row 1, qid 1: the field relevant_clip_ids"):
        official([{"qid": 1, "pred_saliency_scores": [1.0]}])
    truth.write_text(json.dumps({"qid": 1, **ROWS[0], "relevant_windows": []}) + "\n")
    with pytest.raises(AnnotationError, match=r"val\.jsonl: ground truth row 1, qid 1, relevant_windows"):
        official([{"qid": 1, "pred_relevant_windows": [[0, 1, 1]]}])
    with pytest.raises(AnnotationError, match=r"val\.jsonl: no query of the split val has a window to score"):
        evaluate({1: [[0, 1]]}, "qvhighlights", truth, split="val", protocol="timelens")


def test_a_protocol_refuses_a_task_that_it_does_not_score(data: Path) -> None:
    with pytest.raises(InputError, match="the protocol qvhighlights does not score thumos14"):
        evaluate({}, "thumos14", data, protocol="qvhighlights")
    with pytest.raises(InputError, match="the protocol thumos14 does not score qvhighlights"):
        evaluate({}, "qvhighlights", data, protocol="thumos14")


def test_the_help_names_every_official_evaluator() -> None:
    told = Evaluate.model_fields["official"].description or ""
    assert [name for name in OFFICIAL if name not in told] == []


@pytest.mark.parametrize("predictions", [None, 3, object()])
def test_what_is_no_predictions_is_told_in_one_sentence(own: Path, predictions: Any) -> None:
    with pytest.raises(InputError) as error:
        whenabouts.evaluate(predictions, own)
    name = type(predictions).__name__
    assert str(error.value) == f"the predictions must be a file, a list or a dictionary, not {name}"


@pytest.mark.filterwarnings("ignore:1 query has no window")
def test_training_annotations_that_are_missing_are_told_before_a_score(own: Path) -> None:
    with pytest.raises(InputError, match=r"nope\.jsonl does not exist"):
        whenabouts.evaluate(ANSWERS, own, train="nope.jsonl")


def test_notes_are_in_every_report_and_not_only_once_in_a_process(own: Path) -> None:
    rows = [{"qid": qid, "pred_relevant_windows": [[0, 6, 0.9]]} for qid in (1, 2, 97, 98, 99)]
    expected = "3 predictions have a qid that is not in the annotations"
    for _ in range(2):
        with pytest.warns(UserWarning, match=expected):
            report = evaluate(rows, own)
        notes = report.to_dict()["notes"]
        assert notes == list(report.notes) and len(notes) == 3
        assert any(expected in note for note in notes)
        assert any("1 query has no window in the annotations" in note for note in notes)
        assert all(f"note: {note}" in report.table() for note in notes)


@pytest.mark.filterwarnings("ignore")
def test_official_reports_have_notes_too(tmp_path: Path) -> None:
    truth = tmp_path / "val.jsonl"
    truth.write_text(json.dumps({"qid": 1, **ROWS[0]}) + "\n")
    rows = [{"qid": 1, "pred_relevant_windows": [[0, 9, 0.9], [3, 3, 0.1]]}]
    report = evaluate(rows, "qvhighlights", truth, official="moment_detr")
    assert "1 predicted windows have no length; each of them is a miss" in report.to_dict()["notes"]
    assert "note: 1 predicted windows have no length" in report.table()
    assert "notes" not in (report.figures or {})
