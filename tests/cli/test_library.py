"""`whenabouts index`, `search` and `library` as an operator runs them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import LIMIT, running, wait_until
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.library.run import open_library
from whenabouts.video.compose import Line, Still, compose


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("lancedb")
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    stills = [Still(np.full((90, 160, 3), 128, np.uint8), 3), Still(data.chelsea(), 4)]
    compose(path, stills, lines=[Line(1, 3, "The budget was approved.")], size=(160, 90), rate=8)
    return path


def told(*arguments: str | Path) -> Any:
    """What a command prints, in this process."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_an_archive_is_indexed_searched_and_looked_after(video: Path, tmp_path: Path) -> None:
    folder, home = tmp_path / "videos", tmp_path / "videos" / ".whenabouts"
    folder.mkdir()
    shutil.copy(video, folder / "it's.mp4")
    shutil.copy(video, Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp4")))
    (folder / "broken.mp4").write_bytes(b"nothing")
    done = run("index", folder)
    assert done.returncode == 1
    assert done.stdout == "1 indexed, 1 known by their content, 0 gone, 1 failed\n"
    *progress, failure = done.stderr.splitlines()
    assert progress == [f"{folder}/caf\\xe9.mp4: indexed", f"{folder}/it's.mp4: known by its content"]
    assert failure.startswith(f"whenabouts: {folder}/broken.mp4 cannot be read as a video")

    again = told("index", folder)
    assert again == {"indexed": [], "known": [], "failed": {}, "gone": [], "elsewhere": [], "damaged": {}}
    best = told("search", "a cat", "--library", home)["hits"][0]
    assert best["path"] == f"{folder}/caf\udce9.mp4" and best["copies"] == [f"{folder}/it's.mp4"]
    assert (best["moment"]["start"], best["moment"]["end"]) == pytest.approx((3, 7), abs=0.6)
    assert told("search", "a cat", "--library", home, "--library", home)["hits"][0] == best
    words = run("search", "someone mentions the budget", "--library", home)
    assert "said: “The budget was" in words.stdout and not words.stderr  # the table folds long cells
    assert told("library", "status", "--library", home) == {
        "videos": 1, "files": 2, "hours": 0.0, "stretches": 2, "lines": 1, "failures": 1, "missing": 0,
    }  # fmt: skip
    assert list(told("library", "failures", "--library", home)) == [f"{folder}/broken.mp4"]
    checked = told("library", "check", "--library", home)
    assert checked == {"unfinished_videos_swept": 0, "recall@20_of_exact_search": 1.0}
    for path in folder.glob("*.mp4"):
        path.unlink()
    assert len(told("index", folder)["gone"]) == 3
    assert told("search", "a cat", "--library", home)["hits"] == []
    assert told("library", "compact", "--library", home) == {"videos_dropped": 1}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["index", "absent"], "absent is not a directory"),
        (["search", "a cat", "--library", "absent"], "absent is not a library; make one with `whenabouts index DIR`"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"whenabouts: {sentence}\n")


@pytest.mark.slow
def test_a_watched_folder_is_followed(video: Path, tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    (folder / "sub").mkdir(parents=True)
    with running("index", folder, "--watch") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("watching ")
        library = open_library(folder / ".whenabouts")

        def names() -> set[str]:
            return {Path(path).name for path in library.places()}

        def quiet() -> bool:
            before = sorted((library.path / "tables").rglob("*"))
            time.sleep(4)
            return sorted((library.path / "tables").rglob("*")) == before

        time.sleep(1)  # what comes before it listens is only seen a minute later
        (folder / "new.mp4").write_bytes(video.read_bytes()[:2000])  # as a copy that is under way
        wait_until(library.problems)
        shutil.copy(video, folder / "new.mp4")
        wait_until(lambda: names() == {"new.mp4"} and not library.problems())
        (folder / "new.mp4").rename(folder / "sub" / "moved.mp4")
        wait_until(lambda: names() == {"moved.mp4"})
        (folder / "sub" / "moved.mp4").unlink()
        wait_until(lambda: names() == set())
        wait_until(quiet)  # its own writing does not wake it
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
        assert process.returncode == 130
