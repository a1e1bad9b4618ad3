"""`whenabouts find` as a person runs it: a separate process, real files, and the worst files there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from media import malformed
from processes import LIMIT, in_turn

from whenabouts import Prediction
from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    path = tmp_path_factory.mktemp("find") / "video.mp4"
    grey = np.full((360, 640, 3), 128, np.uint8)
    stills = [Still(grey, 4), Still(data.chelsea(), 5), Still(grey, 3), Still(data.rocket(), 4)]
    compose(path, stills, lines=[Line(1.0, 3.0, "The budget was approved on Tuesday.")])
    return path


def test_json_holds_one_prediction_per_query_with_its_receipt(video: Path) -> None:
    done = run("find", video, "a cat", "a rocket on the launch pad", "--evidence", "seen", "--json")
    assert done.returncode == 0, done.stderr
    cat, rocket = (Prediction.from_dict(row) for row in json.loads(done.stdout))
    assert cat.query == "a cat" and cat.best is not None and rocket.best is not None
    assert (cat.best.start, cat.best.end) == pytest.approx((4, 9), abs=0.3)
    assert (rocket.best.start, rocket.best.end) == pytest.approx((12, 16), abs=0.3)
    assert cat.presence is not None and cat.presence > 0.8
    assert cat.receipt is not None and cat.receipt.video_sha256 == Video(video).sha256
    assert set(cat.receipt.models) == {"builtin"} and cat.receipt.settings["fps"] == 2.0


@pytest.mark.parametrize("example", ["@5-6", "cat.png"])
def test_an_example_needs_no_words(video: Path, example: str) -> None:
    from skimage import data, io

    io.imsave(video.with_name("cat.png"), data.chelsea())
    done = run("find", video, "--like", example if example[0] == "@" else video.with_name(example), "--json")
    assert done.returncode == 0, done.stderr
    [answer] = json.loads(done.stdout)
    if example[0] == "@":  # the shot itself is left out
        assert all(not (moment["start"] < 6 and moment["end"] > 5) for moment in answer["moments"])
    else:
        assert answer["moments"][0]["start"] == pytest.approx(4, abs=0.3)


def test_what_is_said_is_found_and_quoted(video: Path) -> None:
    done = run("find", video, "someone mentions the budget", "--evidence", "said", "--json")
    [answer] = json.loads(done.stdout)
    assert answer["moments"][0]["evidence"][0] == {
        "kind": "said",
        "start": 1.0,
        "end": 3.0,
        "text": "The budget was approved on Tuesday.",
    }


def test_top_threshold_clip_and_report_together(video: Path, tmp_path: Path) -> None:
    page, clips = tmp_path / "out" / "page.html", tmp_path / "clips"
    options = ["--top", "1", "--threshold", "0.5", "--clip", clips, "--report", page, "--evidence", "seen"]
    done = run("find", video, "a cat", "a cathedral organ", *options)
    assert done.returncode == 0, done.stderr
    [clip] = clips.iterdir()
    assert clip.name.startswith("a-cat-1-") and Video(clip).duration == pytest.approx(5, abs=0.6)
    assert "a cathedral organ" in page.read_text("utf-8")
    assert "no moment found" in done.stdout and str(page) in done.stderr


def test_real_videos_give_moments_inside_themselves(data: Path) -> None:
    for path in sorted((data / "videos").glob("*.mp4")):
        done = run(
            "find", path, "person turn a light on", "a person walks through a door", "--evidence", "seen", "--json"
        )
        for answer in json.loads(done.stdout):
            assert answer["moments"]
            assert all(0 <= m["start"] < m["end"] <= answer["duration"] for m in answer["moments"])
            assert answer["duration"] == pytest.approx(31, abs=0.5)


@pytest.mark.slow
def test_no_file_gives_a_traceback(tmp_path: Path) -> None:
    files = malformed(tmp_path)
    assert len(files) >= 25
    asked = [["find", "--evidence", "seen", "--json", "--", str(path), "a dog"] for path in files]
    for path, (code, out, told) in zip(files, in_turn(asked), strict=True):
        err = told.decode("utf-8", "replace")
        assert "Traceback" not in err, path
        if code == 0:
            [answer] = json.loads(out)
            assert all(0 <= m["start"] < m["end"] <= answer["duration"] for m in answer["moments"]), path
        else:
            assert code == 1 and err.count("\n") == 1, (path, err)
            assert err.startswith("whenabouts: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.mp4", "a dog"], "nowhere.mp4"),
        (["VIDEO", "  "], "a query is empty"),
        (["VIDEO", "a dog", "--model", "crystal-ball"], "unknown model 'crystal-ball'"),
        (["VIDEO", "a dog", "--encoder", "crystal-ball"], "unknown encoder 'crystal-ball'"),
        *(
            (["VIDEO", "a dog", option, f"/proc/nowhere/{name}"], "cannot be written")
            for option, name in (("--report", "page.html"), ("--bundle", "x.zip"), ("--save", "x.srt"), ("--clip", "x"))
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence(video: Path, arguments: list[str], message: str) -> None:
    done = run("find", *[str(video) if a == "VIDEO" else a for a in arguments], "--evidence", "seen")
    assert done.returncode == 1 and message in done.stderr and done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_too_long_a_name_is_refused_before_the_work(video: Path, tmp_path: Path) -> None:
    page = tmp_path / f"{'x' * 300}.html"
    done = run("find", video, "a cat", "--evidence", "seen", "--json", "--report", page)
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr
    assert not done.stdout


def test_a_terminal_shows_first_answers_while_the_rest_is_looked_at(video: Path) -> None:
    command = [sys.executable, "-m", "whenabouts", "find", str(video), "someone mentions the budget", "--json"]
    seen, terminal = os.openpty()
    try:
        options = ["--evidence", "said", "--evidence", "seen"]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=terminal) as process:
            os.close(terminal)
            shown = b""
            with suppress(OSError):  # Linux says so where a terminal has ended
                while part := os.read(seen, 4096):
                    shown += part
            assert process.stdout is not None
            [answer] = json.load(process.stdout)
    finally:
        os.close(seen)
    text = " ".join(shown.decode().split())
    assert "“someone mentions the budget” so far: 0:01.0–0:03.0" in text
    assert answer["moments"][0]["start"] == 1.0 and answer["understood"]["words"] == "the budget"
