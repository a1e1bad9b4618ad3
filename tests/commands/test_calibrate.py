"""From answers and annotations to a calibrator: what is measured, what is written, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from answered import RECEIPT, write
from media import make_video

import whenabouts
from whenabouts.commands import Predict
from whenabouts.commands.calibrate import Calibrate, Calibration
from whenabouts.errors import AnnotationError, InputError, QueryError
from whenabouts.trust.calibrator import Calibrator


def calibrate(answers: Path, annotations: Path, **fields: Any) -> Calibration:
    made = {"predictions": answers, "benchmark": str(annotations), "out": answers.parent / "cal.json"}
    return Calibrate.of(**{**made, **fields}).run()


def edit(path: Path, **fields: Any) -> None:
    """Set fields of the first row; None deletes one."""
    first, *rest = path.read_text().splitlines()
    row = json.loads(first) | fields
    lines = [json.dumps({name: value for name, value in row.items() if value is not None}), *rest]
    path.write_text("\n".join(lines) + "\n")


def test_bold_answers_become_true_ones_on_videos_held_out(tmp_path: Path) -> None:
    done = calibrate(*write(tmp_path, videos=80))
    assert done.held_out is not None and done.notes == ()
    figures = done.held_out.figures
    before, after = figures["as it came"], figures["calibrated"]
    assert after["ece"] < before["ece"] - 0.04 and after["brier"] < before["brier"]
    assert after["auroc"] == pytest.approx(before["auroc"])  # temperature keeps the order
    assert figures["always abstain"]["rejection_f1"] > 0.5 and figures["always answer"]["rejection_f1"] == 0
    assert figures["prior"]["auroc"] == 0.5
    assert done.held_out.ranges is not None and done.held_out.ranges.coverage.high > 0.9
    assert done.held_out.videos == 40 and done.held_out.queries == 400


def test_the_file_is_of_all_videos_and_says_what_it_was_fitted_on(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    done = calibrate(answers, annotations, risk=0.3)
    read = Calibrator.read(tmp_path / "cal.json")
    assert read == done.calibrator
    fitted = read.fitted
    assert (fitted.benchmark, fitted.videos, fitted.queries) == ("mine.jsonl", 40, 400)
    assert (fitted.grounders, fitted.models) == (("similarity",), RECEIPT["models"])
    assert fitted.settings == {"threshold": 0.0, "fps": 2.0}  # how many moments are given changes no first one
    assert set(fitted.sources) == {"answers.jsonl", "mine.jsonl"}
    assert read.abstain is not None and read.held_out["figures"]["calibrated"]["auroc"] > 0.7
    again = calibrate(answers, annotations, holdout=0, risk=0.3)
    assert again.held_out is None and again.calibrator.presence == read.presence


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    calibrate(answers, annotations, out=tmp_path / "a.json", method="isotonic", ranges="bonferroni")
    calibrate(answers, annotations, out=tmp_path / "b.json", method="isotonic", ranges="bonferroni")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_scores_are_calibrated_where_there_is_no_presence(tmp_path: Path) -> None:
    done = calibrate(*write(tmp_path, presence=None))
    assert done.calibrator.presence.read == "score"
    assert done.held_out is not None and "as it came" not in done.held_out.figures


def test_a_model_that_is_always_sure_cannot_be_calibrated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="every answer has the same score, so presence cannot be calibrated"):
        calibrate(*write(tmp_path, presence=None, pred_relevant_windows=[[1.0, 2.0, 1.0]]))
    with pytest.raises(InputError, match="no answer has a presence or a score"):
        calibrate(*write(tmp_path, presence=None, pred_relevant_windows=[]))
    assert not (tmp_path / "cal.json").exists()


def test_few_videos_are_fitted_with_figures_of_presence_alone(tmp_path: Path) -> None:
    done = calibrate(*write(tmp_path, videos=12))
    assert done.held_out is not None and done.held_out.ranges is None
    assert done.held_out.figures["calibrated"]["auroc"] > 0.7
    assert done.notes == (
        "ranges were not measured on videos held out: ranges of 90% coverage need 9 videos with queries that happen, "
        "and there are 6; add videos or ask for less",
    )
    with pytest.raises(InputError, match="need 9 videos"):
        calibrate(*write(tmp_path, videos=8))
    assert calibrate(*write(tmp_path, videos=8), ranges="none").calibrator.ranges is None


def test_no_file_that_is_read_is_replaced(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    before = answers.read_bytes(), annotations.read_bytes()
    for out in (answers, annotations, answers.parent / "." / answers.name):
        with pytest.raises(InputError, match="is a file that is read here"):
            calibrate(answers, annotations, out=out)
    assert (answers.read_bytes(), annotations.read_bytes()) == before


def test_a_score_that_says_the_opposite_is_refused(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    rows = [json.loads(line) for line in answers.read_text().splitlines()]
    truth = [json.loads(line) for line in annotations.read_text().splitlines()]
    turned = [
        {**row, "presence": 0.1 if true["relevant_windows"] else 0.9} for row, true in zip(rows, truth, strict=True)
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in turned))
    for method in ("auto", "isotonic", "temperature"):
        with pytest.raises(InputError, match="says nothing of it"):
            calibrate(answers, annotations, method=method)


def test_what_nobody_looked_for_is_no_query_that_does_not_happen(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    edit(annotations, relevant_windows=None)
    edit(answers, qid=1, query="query 1")
    first, _, *rest = answers.read_text().splitlines()
    answers.write_text("\n".join([first, *rest]))
    done = calibrate(answers, annotations)
    assert done.notes == (
        "1 queries have no answer, and are left out",
        "1 queries that nobody annotated are left out",
    )
    assert done.calibrator.fitted.queries == 399


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"presence": 1.5}, "row 1: the field presence must lie between 0 and 1, not 1.5"),
        ({"presence": "high"}, "presence must be a finite number"),
        ({"pred_relevant_windows": [["a", 2, 3]]}, "window, entry 1, must be a finite number"),
        ({"pred_relevant_windows": [[2]]}, r"must be a list of \[start, end, score\]"),
        ({"pred_relevant_windows": None}, "pred_relevant_windows is missing"),
        ({"receipt": RECEIPT | {"models": {"builtin": "cd" * 32}}}, "names other weights of builtin"),
        ({"receipt": RECEIPT | {"settings": {"calibrator": {}}}}, "made with --calibrator; predict again without it"),
        ({"receipt": RECEIPT | {"settings": {"abstain": 0.5}}}, "made with --abstain"),
        ({"receipt": [1]}, "a row must be a JSON object"),
    ],
)
def test_a_bad_row_is_named(change: dict[str, Any], problem: str, tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    edit(answers, **change)
    with pytest.raises(AnnotationError, match=problem):
        calibrate(answers, annotations)


def test_answers_of_nobody_are_told(tmp_path: Path) -> None:
    done = calibrate(*write(tmp_path, receipt=None))
    assert done.notes == (
        "the answers do not say which model gave them, so the calibrator cannot refuse another model",
    )


def test_options_are_checked(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    with pytest.raises(QueryError, match="unknown method of calibration 'magic'; choose from: auto, temperature"):
        calibrate(answers, annotations, method="magic")
    with pytest.raises(InputError, match="so that at most 1% are wrong; allow more risk"):
        calibrate(answers, annotations, risk=0.01)
    with pytest.raises(InputError, match=r"cal\.json cannot be written: .* is a file, not a folder"):
        calibrate(answers, annotations, out=annotations / "cal.json")


def test_no_query_that_does_not_happen(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    rows = [json.loads(line) for line in annotations.read_text().splitlines()]
    annotations.write_text("".join(json.dumps(row | {"relevant_windows": [[1, 2]]}) + "\n" for row in rows))
    with pytest.raises(InputError, match="calibration needs queries that happen and queries that do not"):
        calibrate(answers, annotations)


def test_from_predict_to_find(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    rows = []
    for name in "AB":
        make_video(tmp_path / "videos" / f"{name}.mp4", seconds=4.0)
        rows += [{"vid": name, "query": "white bars", "duration": 4.0, "relevant_windows": [[0.0, 4.0]]}]
        rows += [{"vid": name, "query": "a red motorcycle", "duration": 4.0, "relevant_windows": []}]
    annotations, answers = tmp_path / "mine.jsonl", tmp_path / "answers.jsonl"
    annotations.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked: dict[str, Any] = {"evidence": ["seen"], "cache": False}
    Predict.of(benchmark=str(annotations), videos=tmp_path / "videos", out=answers, **asked).run()
    made = [json.loads(line) for line in answers.read_text().splitlines()]
    assert all(0 <= row["presence"] <= 1 and row["duration"] == pytest.approx(4.0) for row in made)
    done = calibrate(answers, annotations, ranges="none", holdout=0, method="isotonic")
    [found] = whenabouts.find(
        tmp_path / "videos" / "A.mp4", "white bars", calibrator=str(done.path), evidence=["seen"], cache=False
    )
    assert found.receipt is not None and found.receipt.settings["calibrator"]["sha256"] == done.calibrator.sha256
    expected = done.calibrator.presence.curve.probability([made[0]["presence"]])[0]
    assert found.presence == pytest.approx(expected) and found.notes == ()
