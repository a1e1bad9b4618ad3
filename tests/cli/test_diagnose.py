"""`whenabouts diagnose`: from a file of answers to sentences, lists and files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import AnnotationError, InputError, StorageError

TRUTH = [{"vid": f"v{n}", "query": "x", "duration": 100.0, "relevant_windows": [[0, 10]]} for n in range(1, 6)]
ANSWERS = [
    {"qid": 1, "pred_relevant_windows": [[0, 9, 0.9]]},
    {"qid": 2, "pred_relevant_windows": [[8, 20, 0.9]]},
    {"qid": 3, "pred_relevant_windows": [[50, 60, 0.9], [0, 10, 0.8]]},
    {"qid": 4, "pred_relevant_windows": [[50, 60, 0.9]], "shortlist": [[40, 70]]},
    {"qid": 5, "pred_relevant_windows": [], "failure": "no times"},
]


def diagnose(tmp_path: Path, answers: list[dict[str, object]], *more: str) -> str:
    for name, rows in (("truth.jsonl", TRUTH), ("answers.jsonl", answers)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)))
    arguments = ["diagnose", str(tmp_path / "answers.jsonl"), str(tmp_path / "truth.jsonl"), *more]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_miss_has_its_reason(tmp_path: Path) -> None:
    told = json.loads(diagnose(tmp_path, ANSWERS, "--json"))
    found = {name: count for name, count in told["counts"].items() if count}
    assert found == {"hit": 1, "shifted": 1, "ranking": 1, "search": 1, "parse": 1} and told["queries"] == 5
    stages = {"hit": 1, "localisation": 1, "ranking": 1, "search": 1, "parse": 1, "recognition": 0}
    assert told["stages"] == stages


def test_a_person_reads_sentences_first(tmp_path: Path) -> None:
    assert "1 of 5 queries are hits" in diagnose(tmp_path, ANSWERS)


def test_the_queries_of_one_outcome_are_listed(tmp_path: Path) -> None:
    [row] = map(json.loads, diagnose(tmp_path, ANSWERS, "--outcome", "ranking").splitlines())
    assert (row["qid"], row["rank"], row["truth"], row["answer"]) == (3, 2, [0, 10], [50, 60])
    with pytest.raises(InputError, match="unknown outcome 'rankin'; choose one of: hit, "):
        diagnose(tmp_path, ANSWERS, "--outcome", "rankin")


def test_every_query_is_saved_and_no_input_is_overwritten(tmp_path: Path) -> None:
    diagnose(tmp_path, ANSWERS, "--save", str(tmp_path / "rows.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [row["qid"] for row in rows] == [1, 2, 3, 4, 5] and rows[1]["start_error"] == 8
    with pytest.raises(StorageError, match="its folder does not exist; make it"):
        diagnose(tmp_path, ANSWERS, "--save", str(tmp_path / "nowhere" / "rows.jsonl"))
    with pytest.raises(InputError, match="is a file that is read here"):
        diagnose(tmp_path, ANSWERS, "--save", str(tmp_path / "answers.jsonl"))


def test_two_systems_stand_beside_each_other(tmp_path: Path) -> None:
    better = [{"qid": n, "pred_relevant_windows": [[0, 10, 0.9]]} for n in range(1, 6)]
    (tmp_path / "better.jsonl").write_text("\n".join(map(json.dumps, better)))
    told = json.loads(diagnose(tmp_path, ANSWERS, "--against", str(tmp_path / "better.jsonl"), "--json"))
    assert told["crossed"] == {"both": 1, "only the first": 0, "only the second": 4, "neither": 0}


def test_a_bad_line_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"answers\.jsonl, row 1: the field pred_relevant_windows is missing"):
        diagnose(tmp_path, [{"qid": 1}])


def test_detections_of_actions_are_diagnosed_by_detad(data: Path) -> None:
    folder = data / "thumos14"
    arguments = ["diagnose", str(folder / "synthetic_predictions.json"), "thumos14"]
    place = ["--ground-truth", str(folder / "ground_truth.json")]
    result = CliRunner().invoke(app, [*arguments, *place], catch_exceptions=False)
    assert result.exit_code == 0 and "wrong label" in result.stdout
    listed = CliRunner().invoke(app, [*arguments, *place, "--outcome", "wrong label"], catch_exceptions=False)
    assert json.loads(listed.stdout.splitlines()[0])["kind"] == "wrong label"
    for more in (["--against", str(folder)], ["--parser", "time-r1"]):
        with pytest.raises(InputError, match="detections of actions"):
            CliRunner().invoke(app, [*arguments, *place, *more], catch_exceptions=False)


def test_rows_name_the_file_of_the_video_and_the_page_how_to_look_at_it(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "v3.mp4").write_bytes(b"")
    more = ("--videos", str(tmp_path / "videos"))
    [row] = map(json.loads, diagnose(tmp_path, ANSWERS, "--outcome", "ranking", *more).splitlines())
    assert row["file"] == str(tmp_path / "videos" / "v3.mp4")
    diagnose(tmp_path, ANSWERS, *more, "--out", str(tmp_path / "page.html"))
    assert f"whenabouts find {tmp_path / 'videos' / 'v3.mp4'} x" in (tmp_path / "page.html").read_text()


def test_detections_of_actions_are_diagnosed_and_listed(data: Path) -> None:
    given = ["diagnose", str(data / "thumos14" / "synthetic_predictions.json"), "thumos14", "--ground-truth", str(data)]
    told = json.loads(CliRunner().invoke(app, [*given, "--json"], catch_exceptions=False).stdout)
    assert told["false_positives"]["counts"]["localisation"] == {"0.50": 421, "average": 421}
    listed = CliRunner().invoke(app, [*given, "--outcome", "localisation"], catch_exceptions=False).stdout
    assert len(listed.splitlines()) == 421
