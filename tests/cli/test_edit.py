"""`whenabouts edit` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import media
import pytest
from processes import program

from whenabouts.benchmarks.annotations import read_annotations
from whenabouts.video import Video


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return program("edit", *arguments)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("edit") / "talk.mp4"
    media.make_video(path, fps=25, seconds=4, audio=(0.0, 4.0))
    (path.parent / "talk.srt").write_text("1\n00:00:02,000 --> 00:00:03,000\nfirst line\n", "utf-8")
    rows = [
        {"vid": "talk", "query": "bars", "duration": 4.0, "relevant_windows": [[0.5, 1.0], [2.0, 3.0]]},
        {"vid": "talk", "query": "a gap", "duration": 4.0, "relevant_windows": [[1.1, 1.4]]},
        {"vid": "talk", "query": "a cat", "duration": 4.0, "relevant_windows": []},
        {"vid": "talk", "query": "a dog", "duration": 4.0},
        {"vid": "other", "query": "bars", "duration": 9.0, "relevant_windows": [[1.0, 2.0]]},
    ]
    (path.parent / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_its_subtitles_its_annotations_and_its_map(video: Path, tmp_path: Path) -> None:
    out, where = tmp_path / "cut.mp4", tmp_path / "map.json"
    done = run(video, "cut:1-1.5", "--out", out, "--map", where, "--annotations", video.parent / "own.jsonl")
    assert done.returncode == 0 and done.stdout == "", done.stderr
    for path in (out, out.with_suffix(".srt"), out.with_suffix(".jsonl"), where):
        assert path.is_file() and f"wrote {path}" in done.stderr
    with Video(out) as cut:
        assert cut.duration == pytest.approx(3.5, abs=0.05) and cut.probe.has_audio
        shown = [media.read_number(frame.image) for frame in cut.at([0.97, 1.01, 1.03])]
        assert shown == [24, 37, 38], "1.5 s is within picture 37, which gives way to the next at 1.02 s"
    rows = read_annotations(out.with_suffix(".jsonl"))
    assert [(row.vid, row.relevant_windows) for row in rows] == [
        ("cut", ((0.5, 1.0), (1.5, 2.5))),
        ("cut", ()),
        ("cut", ()),
        ("cut", None),
    ]
    assert rows[0].duration == pytest.approx(3.5, abs=0.05)
    told = json.loads(where.read_text())
    assert told["edits"] == ["cut:1-1.5"] and told["segments"][1]["new"][0] == 1.0
    assert "00:00:01,500" in out.with_suffix(".srt").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cut:1"], "write it like cut:10-20"),
        (["trim:1-2"], "is not an edit"),
        (["cut:0-4.5"], "within 4."),
        (["noise:1-2:7"], "severity"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(video: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run(video, *arguments, "--out", tmp_path / "out.mp4")
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_annotations_of_other_videos_are_refused(video: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"vid": "cat", "query": "a cat", "relevant_windows": [[0, 1]]}) + "\n")
    done = run(video, "cut:1-2", "--out", tmp_path / "out.mp4", "--annotations", other)
    assert done.returncode == 1 and "no row of" in done.stderr and not (tmp_path / "out.mp4").exists()


def test_no_file_that_is_read_is_replaced(video: Path, tmp_path: Path) -> None:
    files = sorted(video.parent.iterdir())
    before = [path.read_bytes() for path in files]
    out = tmp_path / "new.mp4"
    for extra in (
        ("--out", out, "--map", video),
        ("--out", out, "--map", video.with_suffix(".srt")),
        ("--out", out, "--map", out),
        ("--out", video.with_suffix(".mkv")),  # whose subtitles would be those of the video itself
    ):
        done = run(video, "cut:1-1.5", *extra)
        assert done.returncode != 0 and "Traceback" not in done.stderr
        assert ("is a file that is read here" in done.stderr) or ("would be written twice" in done.stderr)
    assert [path.read_bytes() for path in sorted(video.parent.iterdir())] == before and not out.exists()


def test_a_file_of_others_is_not_replaced(video: Path, tmp_path: Path) -> None:
    (tmp_path / "new.srt").write_text("mine", "utf-8")
    done = run(video, "cut:1-1.5", "--out", tmp_path / "new.mp4")
    assert done.returncode != 0 and "new.srt is there already" in done.stderr
    assert (tmp_path / "new.srt").read_text() == "mine"


def test_a_degradation_ends_with_the_video(video: Path, tmp_path: Path) -> None:
    done = run(video, "noise:1-999:3", "--out", tmp_path / "new.mp4")
    assert done.returncode != 0 and "ends after the video" in done.stderr
