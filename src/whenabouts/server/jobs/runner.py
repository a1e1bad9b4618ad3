"""Threads that give jobs to worker processes: each works on one job at a time, of the kinds of its lane."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from whenabouts.errors import DataUnavailable, ProcessEnded, WhenaboutsError
from whenabouts.isolation import ChildLimits
from whenabouts.server.disk import SENTENCES, Disk
from whenabouts.server.jobs.changes import JobChanges
from whenabouts.server.jobs.process import INTERNAL_ERROR, WorkerProcess
from whenabouts.server.jobs.report import Report
from whenabouts.server.jobs.store import FINAL, JobKind, JobRow, JobState, JobStore

__all__ = ["JobHandler", "JobRunner", "lanes"]

log = logging.getLogger(__name__)

CLOSE_SECONDS = 3.0  # that the lanes have to note what they were working on; the next start finds out otherwise
WRITING = frozenset({"clip", "copy", "scenes"})  # kinds of jobs that write into the folder of the server
NO_DISK = "waiting until the disk of the server can be written"


class JobHandler(Protocol):
    """What each kind of job is; see `whenabouts.server.jobs.handler`."""

    def prepare(self, row: JobRow) -> tuple[str, dict[str, Any]]:
        """The name of the task that does a job, and the task's request. Raises TaskFailed."""
        ...

    def conclude(self, row: JobRow, result: Any) -> Any:
        """The job's result as clients see it, from that of the task."""
        ...

    def show(self, row: JobRow, result: Any) -> Any:
        """What a job has found so far as clients see it, in the form of its result."""
        ...

    def hide(self, sentence: str, row: JobRow) -> str:
        """A sentence without paths of this machine."""
        ...

    def delete_files(self, job: str) -> None:
        """Delete the files that a job made."""
        ...

    def ended(self, row: JobRow, state: JobState, seconds: float) -> None:
        """Count a job that was started and has ended, and delete its temporary files."""
        ...


@dataclass(slots=True)
class _Running:
    process: WorkerProcess
    step: str = "starting"
    progress: float = 0.0
    early: Any = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Ending:
    state: JobState
    error: str | None = None
    result: Any = None


def lanes(workers: int, folders: int) -> list[tuple[JobKind, ...]]:
    """The kinds of jobs of each thread: a find must not wait for hours of indexing, nor that for an endless watch."""
    quick: tuple[JobKind, ...] = "find", "clip", "copy", "scenes"
    index: tuple[JobKind, ...] = ("index",)
    watch: tuple[JobKind, ...] = ("watch",)
    return [*[quick] * workers, index, *[watch] * folders]


class JobRunner:
    """Works on the queue of `store` from `start` to `close`; no failure of a job or of the disk ends a lane.

    warm_limit: bytes of the models that each worker process may keep loaded; None is the default of the package
    limits:     what reading one video may take
    """

    def __init__(
        self,
        store: JobStore,
        changes: JobChanges,
        handler: JobHandler,
        disk: Disk,
        kinds: Sequence[tuple[JobKind, ...]],
        warm_limit: int | None = None,
        limits: ChildLimits | None = None,
    ) -> None:
        self.store, self.changes, self.handler, self.disk = store, changes, handler, disk
        self._kinds, self._warm_limit, self._limits = kinds, warm_limit, limits
        self._wakes = [threading.Event() for _ in kinds]
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._processes: list[WorkerProcess] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start a thread and a worker process for each lane."""
        for kinds, wake in zip(self._kinds, self._wakes, strict=True):
            process = WorkerProcess(self._warm_limit, self._limits)
            self._processes.append(process)
            lane = (kinds, process, wake)
            thread = threading.Thread(target=self._serve, args=lane, daemon=True, name="-".join(kinds))
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """End at once; jobs that were running are queued for the next start."""
        self._closing = True
        self.wake()
        for process in self._processes:
            process.close()
        until = time.monotonic() + CLOSE_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def wake(self) -> None:
        """Look for a new job in the queue."""
        for wake in self._wakes:
            wake.set()

    @property
    def healthy(self) -> bool:
        """Whether all lanes work or wait for a job."""
        return all(thread.is_alive() for thread in self._threads)

    def cancel(self, job: str) -> JobRow:
        """Cancel a job, running or not; one that has ended stays as it is. Raises KeyError."""
        if self.store.get(job).state not in FINAL:
            self.store.end(job, "cancelled")
            with self._lock:
                if running := self._running.get(job):
                    running.cancelled = True
                    running.process.stop()
            self.changes.notify(job)
        return self.store.get(job)

    def delete(self, job: str) -> JobRow:
        """Cancel a job and delete it with its files; returns it as it last was. Raises KeyError."""
        row = self.cancel(job)
        self.store.delete(job)
        self.handler.delete_files(job)
        self.changes.notify(job)
        return row

    def progress(self, row: JobRow) -> tuple[str, float, int]:
        """The current step of a job, the fraction of it that is done, and the job's place in the queue, from 1."""
        with self._lock:
            running = self._running.get(row.id)
        if row.state == "queued":
            return "waiting", 0.0, self.store.position(row, self._lane(row.kind)) + 1
        if running is not None and row.state == "running":
            return running.step, running.progress, 0
        return "", 1.0 if row.state == "done" else 0.0, 0

    def early(self, row: JobRow) -> Any:
        """What a running job has found so far, in the form of its result; None where there is nothing yet."""
        with self._lock:
            running = self._running.get(row.id)
        return running.early if running is not None and row.state == "running" else None

    def _lane(self, kind: JobKind) -> tuple[JobKind, ...]:
        return next((kinds for kinds in self._kinds if kind in kinds), (kind,))

    def _serve(self, kinds: tuple[JobKind, ...], process: WorkerProcess, wake: threading.Event) -> None:
        while not self._closing:
            wake.clear()
            try:
                row = self.store.take(kinds)
            except Exception as error:
                self._note(error, "a job cannot be started")
                self.disk.wait()
                continue
            if row is None:
                wake.wait()
            else:
                self._run(row, process)

    def _run(self, row: JobRow, process: WorkerProcess) -> None:
        running, began = _Running(process), time.monotonic()
        with self._lock:
            self._running[row.id] = running
        self.changes.notify(row.id)
        try:
            ending = self._work(row, running)
            if ending is None:
                self.store.requeue(row.id)
                return
            self._save(row, running, ending)
            state, seconds = self._state(row), time.monotonic() - began
            self.handler.ended(row, state, seconds)
            log.info("job ended", extra={"kind": row.kind, "job": row.id, "state": state, "seconds": round(seconds, 3)})
            for old in self.store.prune():
                self.handler.delete_files(old)
        except Exception as error:
            self._note(error, f"the end of job {row.id}")
        finally:
            with self._lock:
                self._running.pop(row.id, None)
            self.changes.notify(row.id)

    def _work(self, row: JobRow, running: _Running) -> _Ending | None:
        """How a job ends; None where the end of the server interrupted it."""

        def progress(step: str, fraction: float) -> None:
            running.step, running.progress = step, fraction
            if running.cancelled:  # it was cancelled just before the process had it
                running.process.stop()
            self.changes.notify(row.id)

        def early(result: Any) -> None:
            running.early = self.handler.show(row, result)
            self.changes.notify(row.id)

        try:
            task, request = self.handler.prepare(row)
            if (state := self._state(row)) != "running":
                return _Ending(state)
            found = running.process.run(task, request, Report(progress, early))
            return _Ending("done", result=self.handler.conclude(row, found))
        except ProcessEnded as error:
            return None if self._closing else _Ending("failed", str(error))
        except WhenaboutsError as error:
            if row.kind in WRITING and (problem := self.disk.probe()) is not None:  # the task saw only its effect
                return _Ending("failed", SENTENCES[problem])
            return _Ending("failed", self.handler.hide(str(error), row))
        except Exception as error:
            lost = self._note(error, f"job {row.id}")
            return _Ending("failed", INTERNAL_ERROR if lost is None else str(lost))

    def _save(self, row: JobRow, running: _Running, ending: _Ending) -> None:
        """Save how a job ended, however long the disk does not allow it; a server that ends does the job again."""
        while True:
            try:
                self.store.end(row.id, ending.state, error=ending.error, result=ending.result)
            except Exception as error:
                if self._note(error, f"the end of job {row.id}") is None:
                    ending = _Ending("failed", INTERNAL_ERROR)
                if self._closing:
                    return
                running.step = NO_DISK
                self.changes.notify(row.id)
                self.disk.wait()
            else:
                return

    def _note(self, error: Exception, what: str) -> DataUnavailable | None:
        """Log a fault of the server; one of the disk is counted instead, and returned."""
        lost = self.disk.report(error)
        if lost is None:
            log.error("%s", what, exc_info=error)
        return lost

    def _state(self, row: JobRow) -> JobState:
        try:
            return self.store.get(row.id).state
        except KeyError:  # it was deleted meanwhile
            return "cancelled"
