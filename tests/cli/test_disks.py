"""Whatever becomes of the disk or the streams, the program says one sentence, and answers all the same where it can."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from disks import small_disk
from media import make_video

import whenabouts

LIST = ["parse", "--list"]


def program(arguments: Sequence[str | Path], **streams: Any) -> subprocess.CompletedProcess[str]:
    """The program, with what it says on stderr."""
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **streams)


def test_an_output_that_takes_no_more_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = program(LIST, stdout=full)
    assert (done.returncode, done.stderr) == (
        1,
        "whenabouts: the output cannot be written: the disk is full; free some space and try again\n",
    )


def test_a_reader_that_has_ended_is_not_complained_of() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = program(LIST, stdout=pipe, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
    assert done.stderr == ""


def test_a_standard_input_that_is_closed_is_none() -> None:
    done = program(LIST, preexec_fn=lambda: os.close(0))
    assert (done.returncode, done.stderr) == (0, "")


def test_an_answer_that_nobody_could_read_is_refused_before_the_work() -> None:
    done = program(LIST, preexec_fn=lambda: os.close(1))
    told = "standard output is closed, so an answer would be lost; send it to a file or to /dev/null"
    assert (done.returncode, done.stderr) == (1, f"whenabouts: {told}\n")


def test_a_page_on_a_full_disk_is_told_after_the_answer_and_leaves_nothing(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=2)
    with small_disk(tmp_path / "disk", "16k") as disk:
        asked = ["find", tmp_path / "video.mp4", "a dog", "--evidence", "seen", "--report", disk / "page.html"]
        done = program(asked, stdout=subprocess.PIPE)
        assert done.returncode == 1 and "“a dog”" in done.stdout
        assert done.stderr.endswith("page.html cannot be written: the disk is full; free some space and try again\n")
        assert not list(disk.iterdir())


@pytest.mark.parametrize("options", ["ro", "size=4k"])
def test_an_answer_notes_that_nothing_could_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=2)
    with small_disk(tmp_path / "cache", "64k", options) as cache:
        monkeypatch.setenv("WHENABOUTS_CACHE", str(cache))
        [answer] = whenabouts.find(tmp_path / "video.mp4", "a dog", evidence="seen")
    reason = "the disk is read-only" if options == "ro" else "the disk is full"
    assert "nothing is kept for the next question" in " ".join(answer.notes) and reason in " ".join(answer.notes)
    assert answer.moments
