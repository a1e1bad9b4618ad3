"""`whenabouts export` as a person runs it, after a `find` that saves too."""

from __future__ import annotations

import json
from pathlib import Path

import media
import pytest
from processes import program

import whenabouts
from whenabouts import Moment, Prediction
from whenabouts.interchange.formats import read


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "video.mp4"
    media.make_video(path, fps=25, seconds=4)
    return path


def answers(path: Path, *videos: str | None) -> Path:
    rows = [Prediction("a dog", (Moment(1, 2.5, 0.5),), 4.0, video=video).to_dict() for video in videos]
    path.write_text(json.dumps(rows))
    return path


def test_one_run_writes_several_formats(video: Path, tmp_path: Path) -> None:
    out = [tmp_path / "out" / name for name in ("a.edl", "a.csv", "a.tal.json")]
    targets = [part for path in out for part in ("--to", path)]
    done = program("export", answers(tmp_path / "a.json", str(video)), *targets, "--timecode", "02:00:00:00")
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert [line.removeprefix("wrote ") for line in done.stderr.splitlines()] == [str(path) for path in out]
    assert "02:00:01:00 02:00:01:01" in out[0].read_text()
    for path in out[1:]:
        [mark] = read(path)
        assert (mark.query, mark.moments[0]) == ("a dog", Moment(1, 2.5, 0.5))


def test_find_saves_what_it_prints(video: Path, tmp_path: Path) -> None:
    saved = tmp_path / "a.json", tmp_path / "a.srt"
    options = [part for path in saved for part in ("--save", path)]
    done = program("find", video, "a black and white pattern", "--evidence", "seen", "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(saved[0].read_text()) == json.loads(done.stdout)
    [mark] = read(saved[1])
    again = program("export", saved[0], "--to", tmp_path / "b.srt")
    assert again.returncode == 0 and (tmp_path / "b.srt").read_text() == saved[1].read_text()
    assert mark.query == "a black and white pattern"


def test_what_another_program_wrote_is_carried_on(video: Path, tmp_path: Path) -> None:
    (tmp_path / "corrected.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\na dog\n")
    done = program("export", tmp_path / "corrected.srt", "--to", tmp_path / "a.jsonl", "--video", video)
    assert done.returncode == 0, done.stderr
    [row] = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert (row["vid"], row["query"], row["pred_relevant_windows"]) == ("video", "a dog", [[1.0, 2.0, 1.0]])
    done = program("export", tmp_path / "corrected.srt", "--to", tmp_path / "a.jsonl")
    assert done.returncode == 1 and "--video" in done.stderr


def test_only_chooses_what_is_handed_on_and_says_where_nothing_is_left(video: Path, tmp_path: Path) -> None:
    row = {
        "qid": 1,
        "query": "a cat",
        "duration": 4.0,
        "vid": "video",
        "relevant_windows": [[1, 2]],
        "annotator": "Ann",
    }
    (tmp_path / "corrected.jsonl").write_text(json.dumps(row))
    table = tmp_path / "a.csv"
    done = program("export", tmp_path / "corrected.jsonl", "--video", video, "--only", "confirmed", "--to", table)
    assert done.returncode == 0 and done.stderr.startswith("wrote "), done.stderr
    [answer] = whenabouts.read(table)
    assert (answer.query, answer.status, answer.annotator) == ("a cat", "confirmed", "Ann")
    assert [(moment.start, moment.end) for moment in answer.moments] == [(1.0, 2.0)]
    unlikely = Prediction("a dog", (Moment(1, 2),), 4.0, presence=0.1, video=str(video))
    (tmp_path / "a.json").write_text(json.dumps([unlikely.to_dict()]))
    done = program("export", tmp_path / "a.json", "--to", tmp_path / "a.srt", "--to", tmp_path / "b.json")
    assert done.returncode == 0 and "a.srt: none of the 1 moments was taken" in done.stderr
    assert (tmp_path / "a.srt").read_text() == "" and len(whenabouts.read(tmp_path / "b.json")[0].moments) == 1
    whenabouts.write(unlikely, tmp_path / "all.srt", only="all")
    assert "a dog" in (tmp_path / "all.srt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.json", "--to", "a.srt"], "nowhere.json does not exist"),
        (["ANSWERS", "--to", "a.aaf"], "does not have the suffix of a known format"),
        (["ANSWERS", "--to", "a.x", "--format", "aaf"], "unknown format 'aaf'"),
        (["ANSWERS", "--to", "a.edl", "--timecode", "noon"], "is not a timecode"),
        (["ANSWERS", "--to", "a.edl", "--video", "gone.mp4"], "gone.mp4 does not exist"),
        (["ANSWERS", "--to", "/proc/nowhere/a.srt"], "cannot be written"),
        (["TWO", "--to", "a.srt"], "are about 2 videos"),
        (["NONE", "--to", "a.srt"], "have no path of their video"),
        (["LATE", "--to", "a.edl"], "have a moment at 90 s"),
        (["ANSWERS", "--to", "a.edl", "--timecode", "01:00:00;00"], "drop-frame timecode exists at 29.97"),
        (["ANSWERS", "--to", "a.edl", "--timecode", ""], "is not a timecode"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(video: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    late = Prediction("a dog", (Moment(90, 95),), 100.0, video=str(video))
    (tmp_path / "LATE.json").write_text(json.dumps([late.to_dict()]))
    arguments = [str(tmp_path / "LATE.json") if each == "LATE" else each for each in arguments]
    videos = {"ANSWERS": (str(video),), "TWO": (str(video), "b.mp4"), "NONE": (None,)}
    done = program(
        "export", *[str(answers(tmp_path / f"{a}.json", *videos[a])) if a in videos else a for a in arguments]
    )
    assert done.returncode == 1 and message in done.stderr and done.stderr.count("\n") == 1, done.stderr
