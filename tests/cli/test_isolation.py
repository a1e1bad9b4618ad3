"""A file that breaks its reader is one sentence of `find`, and one failed file of `index`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import subtitled
from bombs import make_bomb
from processes import running, wait_until

from whenabouts import commands
from whenabouts.video.isolated import isolated

LIMITS = ("--limit", "memory=0.125")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory a child uses")


def program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_find_tells_of_a_bomb_in_one_sentence(tmp_path: Path) -> None:
    bomb = make_bomb(tmp_path / "bomb.mov")
    found = program("find", bomb, "a dog", *LIMITS)
    assert found.returncode == 1 and not found.stdout
    [sentence] = found.stderr.splitlines()
    assert sentence.startswith(f"whenabouts: {bomb} cannot be read: it takes more than 0.125 GiB of memory")


def test_find_answers_the_same_with_and_without_a_child(tmp_path: Path) -> None:
    video = subtitled.video(tmp_path / "video.mp4", seconds=1)
    command = ("find", video, "a dog", "--json", "--no-cache")
    alone, trusted = program(*command), program(*command, "--trusted")
    assert alone.returncode == trusted.returncode == 0 and alone.stdout == trusted.stdout


def test_a_limit_that_is_none_is_refused(tmp_path: Path) -> None:
    found = program("find", tmp_path / "video.mp4", "a dog", "--limit", "memory=much")
    assert found.returncode == 1 and "memory=much is not a limit; give memory=GIB" in found.stderr


def test_three_of_many_files_fail_and_the_others_are_indexed(tmp_path: Path) -> None:
    for number in range(9):
        subtitled.video(tmp_path / f"{number}.mp4", seconds=1 + number / 10)
    for number in (2, 4, 6):
        make_bomb(tmp_path / f"{number}.mov", pictures=number)
    outcome = program("index", tmp_path, "--json", *LIMITS)
    assert outcome.returncode == 1
    report = json.loads(outcome.stdout)
    assert len(report["indexed"]) == 9
    assert {Path(path).name for path in report["failed"]} == {"2.mov", "4.mov", "6.mov"}
    assert all("more than 0.125 GiB of memory" in reason for reason in report["failed"].values())


def test_a_crash_in_the_middle_of_an_index_fails_one_file(tmp_path: Path) -> None:
    for number in range(4):
        subtitled.video(tmp_path / f"{number}.mp4", seconds=3 + number / 10)
    mine, crashed = Path(f"/proc/self/task/{os.getpid()}/children"), []

    def crash(what: str, _fraction: float) -> None:
        if what == "2.mp4" and not crashed:
            crashed.extend(map(int, mine.read_text().split()))
            for child in crashed:
                os.kill(child, signal.SIGSEGV)

    with isolated():
        report = commands.Index.of(fps=20.0).run(tmp_path, progress=crash)
    assert {Path(path).name for path in report.indexed} == {"0.mp4", "1.mp4", "3.mp4"}
    [(path, reason)] = report.failed.items()
    assert Path(path).name == "2.mp4" and reason.endswith("the process that read it crashed (SIGSEGV)")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_child_stays_when_index_ends(tmp_path: Path, how: signal.Signals) -> None:
    subtitled.video(tmp_path / "video.mp4", seconds=1)
    with running("index", tmp_path, "--watch") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert process.stdout is not None
        process.stdout.readline()  # the first pass is over
        left = [int(child) for child in children.read_text().split()]
        process.send_signal(how)
        process.wait()
        wait_until(lambda: not any(_runs(child) for child in left))
    assert left


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
