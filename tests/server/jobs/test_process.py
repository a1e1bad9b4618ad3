"""A process that works: answers, sentences, crashes, limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bombs import make_bomb
from media import make_video
from processes import LIMIT

from whenabouts.errors import ProcessEnded, TaskFailed
from whenabouts.isolation import ChildLimits
from whenabouts.server.jobs.process import WorkerProcess


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("process") / "video.mp4"
    make_video(path, seconds=2)
    return path


@pytest.fixture
def process() -> Iterator[WorkerProcess]:
    made = WorkerProcess()
    yield made
    made.close()


def child(process: WorkerProcess) -> subprocess.Popen[str]:
    assert process._process is not None
    return process._process


def test_answers_come_from_one_process_that_survives_bad_videos(
    process: WorkerProcess, video: Path, tmp_path: Path
) -> None:
    assert process.run("facts", {"path": str(video)})["duration"] == pytest.approx(2)
    first = child(process).pid
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with pytest.raises(TaskFailed, match="cannot be read as a video") as failed:
        process.run("facts", {"path": str(tmp_path / "bad.mp4")})
    assert not failed.value.internal
    with pytest.raises(TaskFailed, match="the log of the server") as failed:
        process.run("facts", {})
    assert failed.value.internal
    assert process.run("picture", {"path": str(video), "time": 99.0, "height": 32}).startswith("data:image/jpeg")
    assert child(process).pid == first


@pytest.mark.skipif(os.name == "nt", reason="there are no priorities of that kind")
def test_a_long_task_lets_the_server_run_first(process: WorkerProcess, video: Path, tmp_path: Path) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    process.run("facts", {"path": str(video)})
    assert os.getpriority(os.PRIO_PROCESS, child(process).pid) == ours
    process.run("copy", {"path": str(video), "out": str(tmp_path / "copy.mp4")})
    assert os.getpriority(os.PRIO_PROCESS, child(process).pid) == max(ours, 10)


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
def test_a_process_that_crashes_is_told_and_replaced(process: WorkerProcess, video: Path) -> None:
    process.run("facts", {"path": str(video)})
    os.kill(child(process).pid, signal.SIGSTOP)  # so that the task is under way when it dies
    threading.Timer(0.3, child(process).kill).start()
    with pytest.raises(ProcessEnded, match="signal 9"):
        process.run("facts", {"path": str(video)})
    assert process.run("facts", {"path": str(video)})["duration"] == pytest.approx(2)


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
def test_a_task_that_takes_too_long_is_ended(process: WorkerProcess, video: Path) -> None:
    process.run("facts", {"path": str(video)})
    os.kill(child(process).pid, signal.SIGSTOP)
    with pytest.raises(ProcessEnded):
        process.run("facts", {"path": str(video)}, limit=0.3)


def test_a_process_ends_with_its_server(process: WorkerProcess, video: Path) -> None:
    process.run("facts", {"path": str(video)})
    running = child(process)
    assert running.stdin is not None
    running.stdin.close()  # as when the server is killed
    assert running.wait(timeout=LIMIT) == 0


def test_after_close_nothing_is_begun(video: Path) -> None:
    process = WorkerProcess()
    process.close()
    with pytest.raises(ProcessEnded):
        process.run("facts", {"path": str(video)})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory a child uses")
def test_a_bomb_costs_its_task_and_not_the_process(video: Path, tmp_path: Path) -> None:
    bomb = make_bomb(tmp_path / "bomb.mov")
    process = WorkerProcess(limits=ChildLimits.parse(["memory=0.125"]))
    try:
        process.run("facts", {"path": str(video)})
        first = child(process).pid
        with pytest.raises(TaskFailed, match=r"more than 0\.125 GiB of memory") as failed:
            process.run("strip", {"path": str(bomb), "count": 2})
        assert not failed.value.internal
        assert process.run("facts", {"path": str(video)})["duration"] == pytest.approx(2)
        assert child(process).pid == first
    finally:
        process.close()
