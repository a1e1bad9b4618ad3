"""Jobs: what the server works on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from whenabouts.server.jobs.store import JobKind, JobState

__all__ = ["Job", "JobList"]


class Job(BaseModel):
    """A job: its request, its state and its result; `position` is its place in the queue, from 1, else 0.

    `result` is null until the job is done, and in lists of jobs. `early` is what a running find has found so far, in
    the form of its result. `changeable` says whether who asks may cancel and delete it.
    """

    id: str
    kind: JobKind
    state: JobState
    video: str | None
    request: dict[str, Any]
    step: str
    progress: float
    position: int
    error: str | None
    early: Any = None
    result: Any
    created: str
    started: str | None
    ended: str | None
    changeable: bool


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[Job]
