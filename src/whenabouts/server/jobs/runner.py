"""Threads that give jobs to processes: one job at a time each, of the kinds that are theirs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from whenabouts.errors import Ended, TaskFailed, WhenaboutsError
from whenabouts.server.jobs.changes import Changes
from whenabouts.server.jobs.process import Process
from whenabouts.server.jobs.store import FINAL, Kind, Row, State, Store

__all__ = ["Runner", "Work", "lanes"]

log = logging.getLogger(__name__)


class Work(Protocol):
    """What each kind of job is; see `whenabouts.server.work`."""

    def prepare(self, row: Row) -> tuple[str, dict[str, Any]]:
        """The task of a process, and what it is given. Raises TaskFailed."""
        ...

    def conclude(self, row: Row, result: Any) -> Any:
        """What clients see of what the process gave."""
        ...

    def hide(self, told: str, row: Row) -> str:
        """A sentence without paths of this machine."""
        ...

    def forget(self, job: str) -> None:
        """Delete what a job left."""
        ...

    def ended(self, row: Row, state: State, seconds: float) -> None:
        """A job that was begun has ended."""
        ...


@dataclass(slots=True)
class _Live:
    process: Process
    step: str = "starting"
    progress: float = 0.0
    cancelled: bool = False


def lanes(workers: int, folders: int) -> list[tuple[Kind, ...]]:
    """The kinds of each thread: answers must not wait for an index of hours, nor either for a watch without end."""
    answers: tuple[Kind, ...] = "find", "clip", "copy"
    index: tuple[Kind, ...] = ("index",)
    watch: tuple[Kind, ...] = ("watch",)
    return [*[answers] * workers, index, *[watch] * folders]


class Runner:
    """Works on the queue of `store` from `start` to `close`."""

    def __init__(self, store: Store, changes: Changes, work: Work, kinds: Sequence[tuple[Kind, ...]]) -> None:
        self.store, self.changes, self.work = store, changes, work
        self._kinds = kinds
        self._wake = threading.Condition()
        self._live: dict[str, _Live] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._processes: list[Process] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        for kinds in self._kinds:
            process = Process()
            self._processes.append(process)
            thread = threading.Thread(target=self._serve, args=(kinds, process), daemon=True, name="-".join(kinds))
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """End at once; what was running waits for the next start."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        for process in self._processes:
            process.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def wake(self) -> None:
        """There is a new job."""
        with self._wake:
            self._wake.notify_all()

    def cancel(self, job: str) -> Row:
        """End a job, running or not; one that has ended stays as it is. Raises KeyError."""
        if self.store.get(job).state not in FINAL:
            self.store.end(job, "cancelled")
            with self._lock:
                if live := self._live.get(job):
                    live.cancelled = True
                    live.process.stop()
            self.changes.tell(job)
        return self.store.get(job)

    def forget(self, job: str) -> Row:
        """End a job and delete it with all it left; how it was. Raises KeyError."""
        row = self.cancel(job)
        self.store.forget(job)
        self.work.forget(job)
        self.changes.tell(job)
        return row

    def progress(self, row: Row) -> tuple[str, float, int]:
        """What is being done on a job, how much of it is done, and its place in the queue."""
        with self._lock:
            live = self._live.get(row.id)
        if row.state == "queued":
            return "waiting", 0.0, self.store.position(row, self._lane(row.kind)) + 1
        if live is not None and row.state == "running":
            return live.step, live.progress, 0
        return "", 1.0 if row.state == "done" else 0.0, 0

    def _lane(self, kind: Kind) -> tuple[Kind, ...]:
        return next((kinds for kinds in self._kinds if kind in kinds), (kind,))

    def _serve(self, kinds: tuple[Kind, ...], process: Process) -> None:
        while True:
            with self._wake:
                if self._closing:
                    return
                row = self.store.take(kinds)
                if row is None:
                    self._wake.wait()
                    continue
            try:
                self._do(row, process)
            except Exception:
                log.exception("job %s", row.id)
                self.store.end(row.id, "failed", error="this failed for a reason that only the server's log tells")
            self.changes.tell(row.id)

    def _do(self, row: Row, process: Process) -> None:
        live, began = _Live(process), time.monotonic()
        with self._lock:
            self._live[row.id] = live
        self.changes.tell(row.id)

        def tell(step: str, progress: float) -> None:
            live.step, live.progress = step, progress
            if live.cancelled:  # it was cancelled in the moment before the process had it
                process.stop()
            self.changes.tell(row.id)

        try:
            task, request = self.work.prepare(row)
            if self._state(row) == "running":
                result = self.work.conclude(row, process.run(task, request, tell))
                self.store.end(row.id, "done", result=result)
        except Ended as error:
            if self._closing:
                self.store.release(row.id)
                return
            self.store.end(row.id, "failed", error=str(error))
        except (TaskFailed, WhenaboutsError) as error:
            self.store.end(row.id, "failed", error=self.work.hide(str(error), row))
        finally:
            with self._lock:
                self._live.pop(row.id, None)
        self.work.ended(row, self._state(row), time.monotonic() - began)
        for old in self.store.prune():
            self.work.forget(old)

    def _state(self, row: Row) -> State:
        try:
            return self.store.get(row.id).state
        except KeyError:  # it was forgotten meanwhile
            return "cancelled"
