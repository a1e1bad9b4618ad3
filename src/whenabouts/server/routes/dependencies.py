"""What endpoints depend on: the state of the server, the video, folder or job of the address, and the queue of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from whenabouts.errors import QueueFull
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.store import JobKind, JobRow
from whenabouts.server.milliseconds import rounded
from whenabouts.server.schema import Job
from whenabouts.server.state import State
from whenabouts.server.videos import Folder, VideoFile

__all__ = ["FolderDep", "JobDep", "JobQueueDep", "NoParams", "Params", "StateDep", "VideoDep", "get_facts", "job_facts"]

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
ID = Path(pattern=ID_PATTERN, description="An opaque id, as lists and answers give it.")


class Params(BaseModel):
    """Parameters after the `?` of an address; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


NoParams = Annotated[Params, Query()]


async def _state(request: Request) -> State:  # no thread is needed for it, as for what touches the disk
    state: State = request.app.state.server
    return state


StateDep = Annotated[State, Depends(_state)]


def _video(video: Annotated[str, ID], state: StateDep) -> VideoFile:
    try:
        return state.videos.get(video)
    except KeyError:
        raise HTTPRefusal(404, "there is no such video") from None


def _folder(folder: Annotated[str, ID], state: StateDep) -> Folder:
    try:
        return state.videos.folder(folder)
    except KeyError:
        raise HTTPRefusal(404, "there is no such folder") from None


def _job(job: Annotated[str, ID], state: StateDep) -> JobRow:
    try:
        return state.store.get(job)
    except KeyError:
        raise HTTPRefusal(404, "there is no such job") from None


VideoDep = Annotated[VideoFile, Depends(_video)]
FolderDep = Annotated[Folder, Depends(_folder)]
JobDep = Annotated[JobRow, Depends(_job)]


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Takes the jobs of one request: its client, and the key that makes a repeated request the same job."""

    state: State
    client: str
    key: str | None

    async def put(self, kind: JobKind, request: dict[str, Any], video: str | None = None) -> Job:
        """A new job, or the one that was made with the same key; it is on the disk then.

        Raises HTTPRefusal: 429 or 503 where the queue is full, 409 where the key was used for another request.
        Raises DataUnavailable.
        """
        return await self.state.writes.run(lambda: self._put(kind, request, video))

    def _put(self, kind: JobKind, request: dict[str, Any], video: str | None) -> Job:
        try:
            row, is_new = self.state.store.put(kind, self.client, request, video=video, key=self.key)
        except QueueFull as full:
            raise HTTPRefusal(429 if full.of_client else 503, str(full), **{"Retry-After": "30"}) from None
        if is_new:
            self.state.runner.wake()
        elif (row.kind, row.video, row.request) != (kind, video, request):
            raise HTTPRefusal(409, "this Idempotency-Key was used for another request; send a new one")
        return job_facts(self.state, row)


async def _job_queue(
    request: Request,
    state: StateDep,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> JobQueue:
    return JobQueue(state, str(request.scope["client_name"]), key)


JobQueueDep = Annotated[JobQueue, Depends(_job_queue)]


def job_facts(state: State, row: JobRow) -> Job:
    """A job as clients see it, with its times in milliseconds."""
    step, progress, position = state.runner.progress(row)
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        video=row.video,
        request=row.request,
        step=step,
        progress=progress,
        position=position,
        error=row.error,
        early=rounded(state.runner.early(row)),
        result=rounded(row.result),
        created=row.created,
        started=row.started,
        ended=row.ended,
    )


async def get_facts(state: State, video: VideoFile) -> dict[str, Any]:
    """The facts of a video, as the task `facts` gives them. Raises HTTPRefusal."""
    facts: dict[str, Any] = await state.video_cache.get(video, "facts")
    return facts
