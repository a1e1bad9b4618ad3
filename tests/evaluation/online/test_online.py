"""Answers given online, from traces of predictions and from files of events: every query counts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from media import make_video
from numbers_online import Numbers
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.commands import Evaluate, Predict, Watch
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.online import OnlineReport
from whenabouts.grounders import load
from whenabouts.grounders.stream import ONLINE
from whenabouts.video import Video

TRUTH = [
    {"qid": 1, "vid": "a", "query": "25 to 50", "duration": 4.0, "relevant_windows": [[1.0, 2.0]]},
    {"qid": 2, "vid": "a", "query": "50 to 75", "duration": 4.0, "relevant_windows": [[2.0, 3.0]]},
    {"qid": 3, "vid": "b", "query": "25 to 50", "duration": 4.0, "relevant_windows": []},
    {"qid": 4, "vid": "b", "query": "300 to 400", "duration": 4.0, "relevant_windows": [[0.0, 1.0]]},
]


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def event(number: int, state: str, start: float, end: float | None, emitted: float, **more: Any) -> dict[str, Any]:
    row = {"number": number, "state": state, "start": start, "end": end, "emitted": emitted, "score": 0.8}
    return row | {"query": "25 to 50"} | more


def answer(qid: int, *events: dict[str, Any], windows: list[list[float]] | None = None) -> dict[str, Any]:
    example = next(row for row in TRUTH if row["qid"] == qid)
    played = {"step": "played", "duration": 4.0, "frames": 20, "seconds": 0.5, "latency": 0.1, "resident_bytes": 1000}
    trace = [{"step": each["state"], **each} for each in events] + [played]
    found = windows if windows is not None else [[e["start"], e["end"], e["score"]] for e in events if e["end"]]
    asked = {"qid": qid, "vid": example["vid"], "query": example["query"]}
    return {**asked, "pred_relevant_windows": found, "trace": trace}


ANSWERS = [  # late by half a second; early and never ended; a false alarm; and the fourth is missing
    answer(
        1, event(1, "started", 1.0, None, 1.5), event(1, "updated", 1.1, None, 1.6), event(1, "ended", 1.0, 2.0, 2.5)
    ),
    answer(2, event(1, "started", 2.0, None, 1.5, score=0.6), windows=[[2.0, 4.0, 0.6]]),
    answer(3, event(1, "started", 1.0, None, 1.0, score=0.3), event(1, "ended", 1.0, 2.0, 2.0, score=0.3)),
]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return lines(tmp_path / "truth.jsonl", TRUTH)


def online(predictions: Any, truth: Path, **more: Any) -> OnlineReport:
    report = whenabouts.evaluate(predictions, truth, online=True, **more)
    assert isinstance(report, OnlineReport)
    return report


@pytest.mark.filterwarnings("ignore")
def test_late_early_false_and_missing_by_hand(truth: Path, tmp_path: Path) -> None:
    report = online(lines(tmp_path / "answers.jsonl", ANSWERS), truth)
    assert report.scores["R1@0.7"] == pytest.approx(100 / 3) and report.scores["R1@0.5"] == pytest.approx(200 / 3)
    figures = report.online
    assert figures["windows found, %"] == pytest.approx(200 / 3)
    assert figures["start delay, median s"] == 0.0 and figures["start |delay|, median s"] == 0.5
    assert figures["start told early, %"] == 50.0
    assert figures["end delay, median s"] == pytest.approx((0.5 + 1.0) / 2), "what never ended ends with the stream"
    beta = [(0.5 + 1 - 0.5 / 3 + 1 - 0.5 / 5) / 3, (0 + 1 - 1 / 3 + 1 - 1 / 5) / 3]
    assert figures["oR1@0.3"] == pytest.approx(100 * sum(beta) / 3)
    assert figures["false alarms per hour"] == pytest.approx(1 / (13 / 3600)), "13 of 16 s are without the event"
    assert figures["recall at 0.1 false alarms per hour, %"] == pytest.approx(200 / 3)
    assert figures["silent where it happens, %"] == 25.0 and figures["first words at a wrong time, %"] == 25.0
    assert figures["revisions per moment"] == pytest.approx(1 / 3)
    assert report.counts["queries"] == 4 and report.counts["answered"] == 3 and report.counts["moments"] == 3
    assert report.onvtg["queries skipped"] == 1 and report.onvtg["R1@0.5"] == 100.0, "its denominator is another"
    assert report.compute["max_fps"] == 40.0 and report.compute["resident_bytes"] == 1000
    assert report.blind["whole stream"]["windows found, %"] == 0.0
    assert report.blind["every 10 s"]["false alarms per hour"] > 0
    assert "1 query has no answer and counts as a miss" in " ".join(report.notes)


@pytest.mark.filterwarnings("ignore")
def test_a_start_that_nothing_followed_is_a_false_alarm(truth: Path, tmp_path: Path) -> None:
    ahead = [event(1, "started", 4.4, None, 3.9), event(1, "ended", 4.4, None, 4.0, seen_end=False)]
    report = online(lines(tmp_path / "answers.jsonl", [answer(3, *ahead)]), truth)
    assert report.counts["moments"] == 1 and report.online["false alarms per hour"] == pytest.approx(3600 / 13)
    ahead[1]["seen_end"] = True
    with pytest.raises(AnnotationError, match="end"):
        online(lines(tmp_path / "answers.jsonl", [answer(3, *ahead)]), truth)


def test_all_figures_judge_everything_that_was_told(truth: Path) -> None:
    """Windows of an answer may be fewer, since those that `top` or a threshold left out were told of all the same."""
    few = [row | {"pred_relevant_windows": []} for row in ANSWERS]
    assert online(few, truth).to_dict() == online(ANSWERS, truth).to_dict()
    answered = [note for note in online(few, truth).notes if "no answer" in note]
    assert answered == ["1 query has no answer and counts as a miss"]


@pytest.mark.filterwarnings("ignore")
def test_what_was_told_can_be_set_from_the_command_line(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ONLINE.own, "numbers", Numbers)
    for name in "ab":
        make_video(tmp_path / f"{name}.mp4", fps=25, seconds=4.0)
    out = tmp_path / "late.jsonl"
    given = ["predict", str(truth), "--videos", str(tmp_path), "--model", "stream:numbers", "--out", str(out)]
    for late in ("late=1", "late=1"):  # the second goes on from the first
        result = CliRunner().invoke(app, [*given, "--set", late])
        assert result.exit_code == 0, result.output
    assert online(out, truth).online["start |delay|, median s"] == pytest.approx(0.2)
    assert CliRunner().invoke(app, [*given, "--set", "late=2"]).exit_code, "it was made with another setting"


@pytest.mark.filterwarnings("ignore")
def test_true_windows_after_a_watch_was_stopped_are_noted_and_count(truth: Path, tmp_path: Path) -> None:
    rows = [
        {"type": "watch", "source": "a.mp4", "time": 0.0},
        {"type": "event", **event(1, "started", 1.0, None, 1.2)},
        {"type": "event", **event(1, "ended", 1.0, 1.9, 1.9)},
        {"type": "notice", "happened": "ended", "time": 1.9, "text": "the watch was stopped at 1.9 s"},
    ]
    report = online(lines(tmp_path / "events.jsonl", rows), truth)
    assert "1 true windows begin after what was watched, and count as misses" in report.notes
    assert report.counts["true_windows"] == 2 and report.online["windows found, %"] == 50.0
    assert report.counts["quiet_hours"] == pytest.approx((1.0 + 1.9) / 3600), "no longer than it was watched"


@pytest.mark.filterwarnings("ignore")
def test_rows_and_predictions_are_taken_as_a_file_is(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_file = online(lines(tmp_path / "answers.jsonl", ANSWERS), truth)
    assert online(ANSWERS, truth).to_dict() == of_file.to_dict()
    monkeypatch.setitem(ONLINE.own, "numbers", Numbers)
    make_video(tmp_path / "a.mp4", fps=25, seconds=4.0)
    with Video(tmp_path / "a.mp4") as video:
        found = load("stream:numbers").ground(video, ["25 to 50", "50 to 75"])
    assert online(found, truth).online["windows found, %"] == pytest.approx(200 / 3)


@pytest.mark.filterwarnings("ignore")
def test_a_benchmark_is_predicted_and_scored_online_from_end_to_end(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ONLINE.own, "numbers", Numbers)
    for name in "ab":
        make_video(tmp_path / f"{name}.mp4", fps=25, seconds=4.0)
    given = {"benchmark": str(truth), "videos": tmp_path}
    Predict.of(**given, model="stream:numbers:late", out=tmp_path / "late.jsonl", fps=5.0).run()
    report = online(tmp_path / "late.jsonl", truth)
    assert report.scores["R1@0.7"] == pytest.approx(200 / 3) and report.online["start |delay|, median s"] < 0.25
    assert report.online["oR1@0.7"] == pytest.approx(200 / 3, abs=1), "told within a picture"
    assert "as OnVTG's code counts" in report.table() and "pictures per second" in report.table()
    json.dumps(report.to_dict(), allow_nan=False)


@pytest.mark.filterwarnings("ignore")
def test_the_gap_is_that_of_each_score(truth: Path, tmp_path: Path) -> None:
    before = [
        {"qid": row["qid"], "pred_relevant_windows": [[*w, 1.0] for w in row["relevant_windows"]]} for row in TRUTH
    ]
    report = online(ANSWERS, truth, offline=lines(tmp_path / "offline.jsonl", before))
    assert report.offline is not None and report.offline["R1@0.7"] == 100.0
    assert report.gap["R1@0.7"] == pytest.approx(200 / 3) and report.gap["R1@0.5"] == pytest.approx(100 / 3)
    assert "what knowing only the past costs" in report.table() and "66.7 %" in report.table()


@pytest.mark.filterwarnings("ignore")
def test_a_gap_between_models_is_told(truth: Path, tmp_path: Path) -> None:
    def with_model(rows: list[dict[str, Any]], name: str, sha: str) -> Path:
        receipt = {"version": "1", "grounder": "x", "models": {"clip": sha}, "settings": {}}
        return lines(tmp_path / name, [row | {"receipt": receipt} for row in rows])

    ours = with_model(ANSWERS, "ours.jsonl", "1")
    for theirs, said in [
        (with_model(ANSWERS, "same.jsonl", "1"), None),
        (with_model(ANSWERS, "other.jsonl", "2"), "was made with other models"),
        (lines(tmp_path / "bare.jsonl", ANSWERS), "does not say with which models"),
    ]:
        notes = " ".join(online(ours, truth, offline=theirs).notes)
        assert said in notes if said else "models" not in notes


WATCHED = [
    {"type": "watch", "source": "videos/a.mp4", "model": "numbers", "queries": ["25 to 50"], "time": 0.0},
    {"type": "event", **event(1, "started", 1.0, None, 1.5)},
    {"type": "notice", "happened": "stalled", "time": 1.7, "text": "…"},
    {"type": "clip", "query": "25 to 50", "number": 1, "path": "x.mp4", "start": 0.0, "end": 3.0},
    {"type": "event", **event(1, "ended", 1.0, 2.0, 2.5)},
    {"type": "event", **event(1, "started", 1.0, None, 2.6, query="a dog")},
    {"type": "notice", "happened": "ended", "time": 4.0, "text": "…"},
]


@pytest.mark.filterwarnings("ignore")
def test_a_file_of_events_is_held_against_the_annotations_of_its_video(truth: Path, tmp_path: Path) -> None:
    report = online(lines(tmp_path / "events.jsonl", WATCHED), truth)
    assert report.counts["queries"] == 2 and report.counts["answered"] == 1, "the other query of the video is a miss"
    assert report.scores["R1@0.7"] == 50.0 and report.online["windows found, %"] == 50.0
    notes = " ".join(report.notes)
    assert "2 queries are on videos that were not watched" in notes
    assert "1 events are of queries that the annotations lack, such as 'a dog'" in notes
    both = [*WATCHED, WATCHED[0] | {"source": "rtsp://host/b"}, {"type": "notice", "happened": "ended", "time": 9.0}]
    joined = online(lines(tmp_path / "both.jsonl", both), truth)
    assert joined.counts["queries"] == 4 and joined.counts["quiet_hours"] == pytest.approx((3 + 3 + 9 + 8) / 3600)


@pytest.mark.filterwarnings("ignore")
def test_a_watch_that_went_on_is_one_watch(truth: Path, tmp_path: Path) -> None:
    went_on = [*WATCHED[:3], WATCHED[0] | {"resumed": True, "time": 1.8}, *WATCHED[4:]]
    assert online(lines(tmp_path / "events.jsonl", went_on), truth).online["windows found, %"] == 50.0
    again = [*WATCHED, *WATCHED]
    with pytest.raises(AnnotationError, match=r"line 8: a is watched a second time; keep one of the two"):
        online(lines(tmp_path / "again.jsonl", again), truth)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"qid": 1, "pred_relevant_windows": [[0, 1, 1]]}], "the field trace is missing: only answers of"),
        ([answer(1) | {"trace": []}], "the field trace must end with the step 'played'"),
        ([answer(1, event(1, "begun", 1, None, 1))], "the field state must be one of: started, updated, ended"),
        ([answer(1, event(1, "started", 1, None, math.nan))], "NaN is not a number"),
        ([answer(1, event(1, "ended", 2, 1, 3))], "row 1: a moment ends before it starts"),
        (
            [answer(1, event(1, "ended", 1, 2, 2), event(1, "updated", 1, None, 3))],
            "the field number is that of a moment that has ended",
        ),
        ([answer(1) | {"trace": [{"step": "played", "duration": 4, "seconds": "long"}]}], "the field seconds must be"),
        ([ANSWERS[0], ANSWERS[0]], "qid 1 is already at"),
        ([ANSWERS[0] | {"qid": 9}], "qid '9' is not in the ground truth, and neither is any other"),
        ([{"type": "event", "query": "25 to 50"}], "a row of the type watch must come first"),
        ([WATCHED[0] | {"source": "camera"}], "the annotations have no video called 'camera'"),
        ([WATCHED[0]], "the rows of this watch do not say how long it was"),
    ],
)
def test_what_cannot_be_scored_is_told_with_its_line(
    truth: Path, tmp_path: Path, rows: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(AnnotationError, match=message):
        online(lines(tmp_path / "answers.jsonl", rows), truth)


def test_options_that_do_not_go_together_are_refused(truth: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="say online too"):
        Evaluate.of(predictions=ANSWERS, benchmark=str(truth), offline=tmp_path).run()
    with pytest.raises(InputError, match="not scored with parser; leave it out"):
        online(ANSWERS, truth, parser="time-r1")
    with pytest.raises(InputError, match="does not score"):
        online(ANSWERS, truth, protocol="thumos14")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", ["own", "2d-tan", "charades-sta", "time-r1", "qvhighlights"])
def test_a_query_without_a_moment_is_a_miss_under_every_protocol(tmp_path: Path, protocol: str) -> None:
    happen = lines(tmp_path / "happen.jsonl", [row for row in TRUTH if row["relevant_windows"]])
    report = online([ANSWERS[0], answer(2)], happen, protocol=protocol)
    assert report.scores["MR-full-R1@0.7" if protocol == "qvhighlights" else "R1@0.7"] == pytest.approx(
        100 / 3, abs=0.01
    )
    assert report.counts["answered"] == 1 and report.online["windows found, %"] == pytest.approx(100 / 3)


def test_the_command_line_prints_tables_or_json(truth: Path, tmp_path: Path) -> None:
    given = ["evaluate", str(lines(tmp_path / "answers.jsonl", ANSWERS)), "--benchmark", str(truth), "--online"]
    told = CliRunner().invoke(app, given, catch_exceptions=False)
    assert told.exit_code == 0 and "false alarms per hour" in told.stdout and "whole stream" in told.stdout
    content = json.loads(CliRunner().invoke(app, [*given, "--json"], catch_exceptions=False).stdout)
    assert content["online"]["counts"]["queries"] == 4 and content["gap"] == {}
    assert content["online_blind"]["whole stream"]["end told early, %"] is None, "null where there is no hit"


@pytest.mark.filterwarnings("ignore")
def test_what_a_watch_writes_is_scored_as_the_same_video_played(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ONLINE.own, "numbers", Numbers)
    make_video(tmp_path / "a.mp4", fps=25, seconds=4.0)
    queries = ["25 to 50", "50 to 75"]
    watching = Watch.of(queries=queries, model="numbers", events=tmp_path / "events.jsonl").run(tmp_path / "a.mp4")
    assert [told.state for told in watching if told.state != "updated"] == ["started", "ended"] * 2
    watched = online(tmp_path / "events.jsonl", truth)
    only = lines(tmp_path / "only.jsonl", TRUTH[:2])
    with Video(tmp_path / "a.mp4") as video:
        played = online(load("stream:numbers").ground(video, queries), only)
    assert watched.scores == played.scores and watched.scores["R1@0.7"] == 100.0
    assert watched.online["oR1@0.7"] == pytest.approx(played.online["oR1@0.7"], abs=2.0)
