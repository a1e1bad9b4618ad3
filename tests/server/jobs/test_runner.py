"""Jobs and the processes that do them: a video that kills its process costs one job; the end of a server costs none."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import TaskFailed
from whenabouts.server.jobs.changes import Changes
from whenabouts.server.jobs.runner import Runner
from whenabouts.server.jobs.store import Row, State, Store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")


class Facts:
    """Work that asks for the facts of a video, whatever the job is."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def prepare(self, row: Row) -> tuple[str, dict[str, Any]]:
        if row.request.get("gone"):
            raise TaskFailed("the video is no longer there")
        return "facts", {"path": row.request["path"]}

    def conclude(self, row: Row, result: Any) -> Any:
        if row.request.get("bug"):
            raise ZeroDivisionError
        return {"duration": result["duration"]}

    def hide(self, told: str, row: Row) -> str:
        return told.replace(row.request.get("path", "?"), "the video")

    def forget(self, job: str) -> None:
        self.forgotten.append(job)

    def ended(self, row: Row, state: State, seconds: float) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "jobs.sqlite")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_one_job_fails_with_its_process_and_the_next_is_done(store: Store, videos: Path) -> None:
    path = str(videos / "cat.mp4")
    runner = Runner(store, Changes(), Facts(), [("find",)])
    requests = [
        {"path": path},
        {"path": str(videos / "none.mp4")},
        {"path": path, "gone": True},
        {"path": path, "bug": 1},
    ]
    rows = [store.put("find", "ann", request)[0] for request in requests]
    runner.start()
    until(lambda: all(store.get(row.id).ended for row in rows))
    told = [(store.get(row.id).state, store.get(row.id).error) for row in rows]
    assert told == [
        ("done", None),
        ("failed", "the video does not exist"),
        ("failed", "the video is no longer there"),
        ("failed", "this failed for a reason that only the server's log tells"),
    ]
    process = runner._processes[0]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    struck, after = (store.put("find", "ann", {"path": path})[0] for _ in range(2))
    runner.wake()
    until(lambda: store.get(struck.id).state == "running")
    os.kill(process.pid, signal.SIGSEGV)
    os.kill(process.pid, signal.SIGCONT)
    until(lambda: store.get(after.id).ended is not None)
    assert store.get(struck.id).state == "failed" and "signal 11" in (store.get(struck.id).error or "")
    assert store.get(after.id).state == "done"
    runner.close()
    store.close()


def test_a_running_job_waits_again_when_the_server_ends_in_order(store: Store, videos: Path) -> None:
    runner = Runner(store, Changes(), Facts(), [("find",)])
    first, _ = store.put("find", "ann", {"path": str(videos / "cat.mp4")})
    runner.start()
    until(lambda: store.get(first.id).state == "done")
    process = runner._processes[0]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    second, _ = store.put("find", "ann", {"path": str(videos / "cat.mp4")})
    runner.wake()
    until(lambda: store.get(second.id).state == "running")
    runner.close()
    assert (store.get(second.id).state, store.get(second.id).tries) == ("queued", 0)
    store.close()
