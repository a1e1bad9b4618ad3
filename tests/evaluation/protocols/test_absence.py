"""Protocols of queries that may not happen. Official values were computed by the functions that comments name."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whenabouts.benchmarks import Example
from whenabouts.errors import AnnotationError, OfficialCrash
from whenabouts.evaluation.absence_report import AbsenceReport
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.report import RankedReport
from whenabouts.grounders.llm.papers import PARSERS
from whenabouts.prediction import Prediction

TRUTH = [
    {"qid": 1, "vid": "a", "query": "one", "duration": 100.0, "relevant_windows": [[10, 20], [60, 90]]},
    {"qid": 2, "vid": "b", "query": "two", "duration": 100.0, "relevant_windows": [[30, 50]]},
    {"qid": 3, "vid": "a", "query": "three", "duration": 100.0, "relevant_windows": []},
    {"qid": 4, "vid": "b", "query": "four", "duration": 100.0, "relevant_windows": [], "absent": "colour"},
]
ROWS: list[dict[str, Any]] = [
    {"qid": 1, "pred_relevant_windows": [[60, 80, 0.9]]},
    {"qid": 2, "pred_relevant_windows": [[0, 30, 0.6]]},
    {"qid": 3, "pred_relevant_windows": [[0, 10, 0.7]]},
    {"qid": 4, "pred_relevant_windows": []},
]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, TRUTH)))
    return path


def scored(rows: Any, truth: Path, protocol: str = "presence", **options: Any) -> AbsenceReport:
    report = evaluate(rows, truth, protocol=protocol, **options)
    assert isinstance(report, AbsenceReport)
    return report


def test_all_figures_by_hand(own: Path) -> None:
    scores = scored(ROWS, own).scores
    assert scores["accuracy"] == 75.0 and scores["rejected"] == 50.0 and scores["accepted"] == 100.0
    assert scores["rejection F1"] == pytest.approx(100 * 2 / 3)
    assert scores["RA-R1@0.5"] == 50.0  # 2/3, 0, wrongly answered, rightly refused
    assert scores["RA-mIoU"] == pytest.approx(100 * (2 / 3 + 0 + 0 + 1) / 4)
    assert scores["AUROC"] == 75.0  # of 4 pairs, only 0.6 against 0.7 is in the wrong order
    assert "ECE" not in scores, "scores are no probabilities"


def test_presence_says_that_nothing_happens_and_is_a_probability(own: Path) -> None:
    rows = [row | {"presence": p} for row, p in zip(ROWS, (0.9, 0.8, 0.1, 0.2), strict=True)]
    with pytest.warns(UserWarning, match="1 answers with windows have a presence below 0.3 and say that"):
        report = scored(rows, own)
    assert report.scores["accuracy"] == report.scores["AUROC"] == 100.0
    assert report.scores["Brier"] == pytest.approx(100 * (0.01 + 0.04 + 0.01 + 0.04) / 4)
    with pytest.raises(AnnotationError, match=r"entry 1: the field presence must be a probability in \[0, 1\], not 2"):
        scored([ROWS[0] | {"presence": 2}, *ROWS[1:]], own)


def test_an_answer_that_contradicts_itself_is_told(own: Path) -> None:
    with pytest.warns(UserWarning, match="1 answers have no window but a presence of 0.3 or more"):
        report = scored([*[row | {"presence": 0.9} for row in ROWS[:3]], ROWS[3] | {"presence": 0.99}], own)
    assert report.scores["rejected"] == 50.0


@pytest.mark.parametrize("stating", [ROWS[0], ROWS[3]])
def test_presence_of_some_is_no_confidence_and_told(own: Path, stating: dict[str, Any]) -> None:
    rows = [row | {"presence": 0.2 if row is ROWS[3] else 0.9} if row is stating else row for row in ROWS]
    with pytest.warns(UserWarning, match="of 3 answers with windows state no presence.*ECE and Brier"):
        report = scored(rows, own)
    assert report.details["confidence"] == "score" and "ECE" not in report.scores


def test_a_query_without_an_answer_and_one_that_failed_are_wrong_both_ways(own: Path) -> None:
    failed = {"qid": 4, "pred_relevant_windows": [], "failure": "the server was away"}
    with pytest.warns(UserWarning, match="2 queries have no answer and count as wrong about whether they happen"):
        report = scored([ROWS[0], ROWS[2], failed], own)
    assert report.scores["accuracy"] == 25.0
    assert report.scores["AUROC"] == 25.0, "they rank on the wrong end"


def test_trivial_answers_stand_beside_and_are_always_the_same(own: Path) -> None:
    report = scored(ROWS, own)
    assert set(report.baselines) == {"whole video", "never", "random"}
    assert report.baselines["never"]["RA-mIoU"] == 50.0, "the share of negatives"
    assert report.baselines["whole video"]["RA-mIoU"] == pytest.approx(100 * (0.3 + 0.2) / 4)
    assert report.baselines["never"]["AUROC"] == report.baselines["whole video"]["AUROC"] == 50.0
    assert report.baselines == scored(ROWS, own).baselines
    assert report.by_kind == {"absent": (1, 0.0), "colour": (1, 100.0)}
    assert "never" in report.table() and json.loads(json.dumps(report.to_dict()))["negatives"] == 2


def test_a_constant_of_the_training_split_is_a_baseline_too(own: Path, tmp_path: Path) -> None:
    train = tmp_path / "train.jsonl"
    train.write_text(json.dumps(TRUTH[1]))
    constant = next(name for name in scored(ROWS, own, train=train).baselines if name.startswith("constant"))
    assert scored(ROWS, own, train=train).baselines[constant]["RA-R1@0.5"] == 25.0


def test_without_durations_only_silence_is_a_baseline(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(json.dumps({k: v for k, v in row.items() if k != "duration"}) for row in TRUTH))
    assert set(scored(ROWS, path).baselines) == {"never"}


def test_ones_own_file_with_negatives_has_them_in_the_usual_report(own: Path) -> None:
    with pytest.warns(UserWarning, match="2 queries have no window in the annotations"):
        report = evaluate(ROWS, own)
    assert isinstance(report, RankedReport) and report.absence is not None
    assert report.absence.scores == scored(ROWS, own).scores
    assert "AUROC" in report.table() and "absence" in report.to_dict()


def test_predictions_in_python_are_claims_too(own: Path) -> None:
    silent = [Prediction(row["query"], (), 100.0) for row in TRUTH]  # type: ignore[arg-type]
    assert scored(silent, own).scores["RA-mIoU"] == 50.0


def test_broken_windows_are_refused(own: Path) -> None:
    with pytest.raises(AnnotationError, match=r"qid 1, window 1: \[9.0, 9.0\] is inverted, empty"):
        scored([{"qid": 1, "pred_relevant_windows": [[9, 9, 0.5]]}, *ROWS[1:]], own)


def na_vmr(tmp_path: Path) -> tuple[Path, Path]:
    gone: dict[str, Any] = {"relevant_windows": [[0, 0]], "relevant_clip_ids": [], "saliency_scores": [[]]}
    truth = [TRUTH[0], TRUTH[1], TRUTH[2] | gone, {**TRUTH[3], **gone, "absent": None}]
    path, answers = tmp_path / "qvhl_id_pos_neg_val.jsonl", tmp_path / "preds.json"
    path.write_text("\n".join(json.dumps({k: v for k, v in row.items() if v is not None}) for row in truth))
    rows = [*ROWS[:3], {"qid": 4, "pred_relevant_windows": [[5, 9, 0.2]]}]
    answers.write_text(json.dumps({"preds": rows}))
    return path, answers


def test_na_vmr_official_curves(tmp_path: Path) -> None:
    """MomentofUntruth precision_recall_curve.py:frac_lists and prec_rec_list."""
    path, answers = na_vmr(tmp_path)
    with pytest.raises(OfficialCrash):  # at 0.95 no window is left: precision is 0/0
        evaluate(answers, "na-qvhighlights", path, split="in_domain", strict_official=True)
    content = json.loads(answers.read_text())
    content["preds"][0]["pred_relevant_windows"][0][2] = 1.0
    answers.write_text(json.dumps(content))
    figures = evaluate(answers, "na-qvhighlights", path, split="in_domain", strict_official=True).figures
    assert figures is not None
    assert figures["frac_neg_rejected"] == [0.0] * 4 + [0.5] * 10 + [1.0] * 7
    assert figures["frac_pos_accepted"] == [0.5] * 21, "the window in the wrong place never counts as accepted"
    assert figures["frac_base_pos_threshold"] == [2 / 1550] * 12 + [1 / 1550] * 9
    assert figures["precision"] == [1 / 3] * 4 + [0.5] * 10 + [1.0] * 7


def test_na_vmr_in_our_words(tmp_path: Path) -> None:
    path, answers = na_vmr(tmp_path)
    scores = evaluate(answers, "na-qvhighlights", path, split="in_domain").scores
    assert scores["rejected at 0.5"] == 50.0 and scores["accepted at 0.5"] == 100.0
    assert scores["R1@0.5 at 0.5"] == scores["R1@0.5 without rejection"] == 50.0
    rows = [{"qid": "1", "pred_relevant_windows": [[0, 1]]}]
    with pytest.raises(AnnotationError, match="na-vmr needs"):
        evaluate(rows, "na-qvhighlights", path, split="in_domain")


def test_the_kinds_of_na_vmr_are_counted_as_its_scores_are(own: Path) -> None:
    report = scored([*ROWS[:3], {"qid": 4, "pred_relevant_windows": [[5, 9, 0.2]]}], own, "na-vmr")
    assert report.scores["rejected at 0.5"] == 50.0
    assert report.by_kind == {"absent": (1, 0.0), "colour": (1, 100.0)}
    (heading,) = [line for line in report.table().splitlines() if "kind of negative" in line]
    assert heading.rstrip().endswith("rejected at 0.5")


def test_rows_in_the_order_of_a_file_that_repeats_its_qids(tmp_path: Path) -> None:
    path = tmp_path / "charades_ood_pos_neg_test.jsonl"
    gone = {"qid": 30001, "vid": "a", "query": "x", "duration": 9.0, "relevant_windows": [[0, 0]]}
    path.write_text("\n".join(map(json.dumps, [TRUTH[0], gone, gone])))
    asked = [{"qid": 1, "vid": "a", "query": "one"}, *[{"qid": 30001, "vid": "a", "query": "x"}] * 2]
    rows = [row | {"pred_relevant_windows": [[60, 90, s]]} for row, s in zip(asked, (0.9, 0.1, 0.8), strict=True)]
    assert evaluate(rows, "na-charades", path, split="out_of_domain").scores["rejected at 0.5"] == 50.0


def test_tsg_rf_official(tmp_path: Path) -> None:
    """RaTSG runner_utils_light_t7.py:calculate_iou and model_eval: R1 over all queries, truth clamped to 30 s."""
    sts = [
        {"sentence": "on", "id": "0", "timestamp": [24.3, 31.4], "no_answer": False},
        {"sentence": "off", "id": "1", "timestamp": [1, 9], "no_answer": False},
        {"sentence": "eat", "id": "2", "timestamp": [], "no_answer": True},
        {"sentence": "sit", "id": "3", "timestamp": [], "no_answer": True},
    ]
    path = tmp_path / "charades_sta_test2.0.json"
    path.write_text(json.dumps({"A": {"duration": 30.0, "sts": sts}}))
    answers = {"0": [[24.3, 30.0]], "1": [], "2": [], "3": [[2, 4]]}
    scores = evaluate(answers, "charades-rf", path).scores
    assert scores == {
        **{"R1@0.3": 50.0, "R1@0.5": 50.0, "R1@0.7": 50.0, "mIoU": 50.0},
        **{"Acc": 50.0, "Acc, happens": 50.0, "Acc, does not": 50.0},
    }


def test_ra_rft_official(tmp_path: Path) -> None:
    """RA-RFT llm_eval/processor.py:process_split, its judge replaced by the rule that no interval is a refusal."""
    asked = [{"q": "he runs", "a": "x", "r": True}, {"q": "he walks", "a": "y", "r": False, "difficulty": "hard"}]
    rows = [{"video": f"{v}.mp4", "query_text": "he runs", "timestamp": [2, 6], "GRPO": asked} for v in "ab"]
    path = tmp_path / "hi_vtg_charades.json"
    path.write_text(json.dumps(rows))
    said = ["2.0 to 5.0", "It is not there.", "There is no such thing.", "1.0 to 9.0"]
    answers = [
        {"qid": q, "text": f"<answer>{a}</answer>"} for q, a in zip(("0-0", "0-1", "1-0", "1-1"), said, strict=True)
    ]
    report = evaluate(answers, "hi-vtg", path, parser=PARSERS["ra-rft"])
    assert isinstance(report, AbsenceReport)
    assert report.scores["relevance accuracy"] == report.scores["irrelevant F1"] == 50.0
    assert report.scores["RA-IoU"] == pytest.approx(100 * (0.75 + 1) / 4) and report.scores["RA-R1@0.7"] == 50.0
    assert report.details["by_difficulty"]["hard"]["relevance accuracy"] == 50.0
    assert set(report.baselines) == {"never"}, "no durations are in the file"


def test_scores_that_are_no_numbers_rank_nothing_where_official_code_lets_them_in(own: Path) -> None:
    rows = [{"qid": 1, "pred_relevant_windows": [[60, 80, math.nan]]}, *ROWS[1:]]
    with pytest.raises(AnnotationError, match="na-vmr needs"):
        scored(rows, own, protocol="na-vmr")
    assert "AUROC" not in scored(rows, own, strict_official=True).scores


def test_official_scores_need_no_dictionary_of_ours(own: Path) -> None:
    report = scored(ROWS, own, protocol="tsg-rf")
    assert report.figures is None and not math.isnan(report.scores["mIoU"])
    assert isinstance(report.examples[0], Example) and isinstance(report.says, np.ndarray)
