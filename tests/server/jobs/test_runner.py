"""Jobs and the processes that do them: a video that kills its process costs one job; the end of a server costs none."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from processes import wait_until

from whenabouts.errors import TaskFailed
from whenabouts.server.disk import Disk
from whenabouts.server.jobs.changes import JobChanges
from whenabouts.server.jobs.process import INTERNAL_ERROR
from whenabouts.server.jobs.runner import JobRunner
from whenabouts.server.jobs.store import JobRow, JobState, JobStore

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")


class Facts:
    """Does every job by the task that gives the facts of a video."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def prepare(self, row: JobRow) -> tuple[str, dict[str, Any]]:
        if row.request.get("gone"):
            raise TaskFailed("the video is no longer there")
        return "facts", {"path": row.request["path"]}

    def conclude(self, row: JobRow, result: Any) -> Any:
        if row.request.get("bug"):
            raise ZeroDivisionError
        return {"duration": result["duration"]}

    def hide(self, sentence: str, row: JobRow) -> str:
        return sentence.replace(row.request.get("path", "?"), "the video")

    def delete_files(self, job: str) -> None:
        self.deleted.append(job)

    def ended(self, row: JobRow, state: JobState, seconds: float) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / "jobs.sqlite")


def test_one_job_fails_with_its_process_and_the_next_is_done(store: JobStore, videos: Path, tmp_path: Path) -> None:
    path = str(videos / "cat.mp4")
    runner = JobRunner(store, JobChanges(), Facts(), Disk(tmp_path), [("find",)])
    requests = [
        {"path": path},
        {"path": str(videos / "none.mp4")},
        {"path": path, "gone": True},
        {"path": path, "bug": 1},
    ]
    rows = [store.put("find", "ann", request)[0] for request in requests]
    runner.start()
    wait_until(lambda: all(store.get(row.id).ended for row in rows))
    told = [(store.get(row.id).state, store.get(row.id).error) for row in rows]
    assert told == [
        ("done", None),
        ("failed", "the video does not exist"),
        ("failed", "the video is no longer there"),
        ("failed", INTERNAL_ERROR),
    ]
    process = runner._processes[0]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    struck, after = (store.put("find", "ann", {"path": path})[0] for _ in range(2))
    runner.wake()
    wait_until(lambda: store.get(struck.id).state == "running")
    os.kill(process.pid, signal.SIGSEGV)
    os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: store.get(after.id).ended is not None)
    assert store.get(struck.id).state == "failed" and "signal 11" in (store.get(struck.id).error or "")
    assert store.get(after.id).state == "done"
    runner.close()
    store.close()


def test_a_running_job_waits_again_when_the_server_ends_in_order(store: JobStore, videos: Path, tmp_path: Path) -> None:
    runner = JobRunner(store, JobChanges(), Facts(), Disk(tmp_path), [("find",)])
    first, _ = store.put("find", "ann", {"path": str(videos / "cat.mp4")})
    runner.start()
    wait_until(lambda: store.get(first.id).state == "done")
    process = runner._processes[0]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    second, _ = store.put("find", "ann", {"path": str(videos / "cat.mp4")})
    runner.wake()
    wait_until(lambda: store.get(second.id).state == "running")
    runner.close()
    assert (store.get(second.id).state, store.get(second.id).tries) == ("queued", 0)
    store.close()
