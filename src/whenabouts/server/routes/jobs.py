"""Jobs: listed, followed while they run, cancelled and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from whenabouts.interchange.clip_names import ClipFacts, file_name
from whenabouts.server import schema
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.store import FINAL, JobRow, JobState
from whenabouts.server.media import RangeResponse, attachment
from whenabouts.server.openapi import ERRORS
from whenabouts.server.routes.dependencies import (
    JobDep,
    NoParams,
    Params,
    StateDep,
    UserDep,
    job_facts,
    own_or_administer,
)
from whenabouts.server.routes.videos import BINARY, VIDEO_RESPONSES
from whenabouts.server.state import State
from whenabouts.server.users import User

router = APIRouter(prefix="/api/jobs", responses=ERRORS)
EVENT_INTERVAL = 0.1  # seconds between two events
MADE = {"video/mp4": BINARY, "application/octet-stream": BINARY}
MADE_RESPONSES = VIDEO_RESPONSES | {
    200: {"description": "The whole file", "content": MADE},
    206: {"description": "A part of it", "content": MADE},
}
MAX_NAME_CHARS = 60  # of a query in the file name of a clip


class ListParams(Params):
    """Which jobs to list."""

    state: JobState | None = None
    video: Annotated[str | None, Field(max_length=64)] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("")
def list_jobs(params: Annotated[ListParams, Query()], user: UserDep, state: StateDep) -> schema.JobList:
    """List the newest jobs, without their results."""
    rows = state.store.newest(params.state, params.limit, params.video)
    return schema.JobList(jobs=[job_facts(state, row, user) for row in rows])


@router.get("/{job}")
def get_job(row: JobDep, _: NoParams, user: UserDep, state: StateDep) -> schema.Job:
    """Get a job, with its result once it is done."""
    return job_facts(state, row, user)


@router.post("/{job}/cancel")
async def cancel_job(row: JobDep, _: NoParams, user: UserDep, state: StateDep) -> schema.Job:
    """Cancel a job; one that has ended stays as it is."""
    own_or_administer(user, row.client)
    return await _changed(state, state.runner.cancel, row, user)


@router.delete("/{job}")
async def delete_job(row: JobDep, _: NoParams, user: UserDep, state: StateDep) -> schema.Job:
    """Cancel a job and delete it with its result and its file; returns it as it last was."""
    own_or_administer(user, row.client)
    return await _changed(state, state.runner.delete, row, user)


@router.get("/{job}/events", response_class=EventSourceResponse)
async def follow_job(row: JobDep, _: NoParams, user: UserDep, state: StateDep) -> AsyncIterator[ServerSentEvent]:
    """Follow a job until it has ended: server-sent events, each with the job as it is then."""
    number, latest = 0, None
    with state.changes.follow(row.id) as changed:
        while not state.changes.closed:
            changed.clear()
            try:
                latest = await asyncio.to_thread(lambda: job_facts(state, state.store.get(row.id), user))
            except KeyError:  # it was deleted
                latest = (latest or job_facts(state, row, user)).model_copy(update={"state": "cancelled"})
            yield ServerSentEvent(data=latest, event="job", id=str(number))
            number += 1
            if latest.state in FINAL:
                return
            await changed.wait()
            await asyncio.sleep(EVENT_INTERVAL)


@router.get("/{job}/file", response_class=Response, responses=MADE_RESPONSES)
async def download_file(row: JobDep, _: NoParams, request: Request, state: StateDep) -> Any:
    """Download the clip or the contact sheet that a job made, or one range of its bytes."""
    if row.kind not in {"clip", "scenes"} or row.state != "done":
        raise HTTPRefusal(404, "this job has no file, or not yet")
    path = state.handler.file_path(row)
    try:
        descriptor = await asyncio.to_thread(state.videos.open_path, path)
    except OSError:
        raise HTTPRefusal(404, "the file was deleted; start a new job") from None
    return RangeResponse(
        descriptor,
        request.headers,
        "video/mp4" if row.kind == "clip" else "application/octet-stream",
        count=state.metrics.streamed.inc,
        closing=lambda: state.changes.closed,
        attachment=attachment(_name(row, state) + path.suffix),
    )


def _name(row: JobRow, state: State) -> str:
    """The name of a job's file, without its suffix."""
    try:
        video = PurePath(state.videos.get(row.video or "").name).stem
    except KeyError:
        video = "video"
    asked = row.request
    if row.kind == "scenes":
        return video
    if template := asked.get("name"):
        facts = ClipFacts(video, str(row.video), asked["query"], 1, asked["start"], asked["end"])
        return PurePath(file_name(template, facts)).stem
    query = " ".join(str(asked["query"]).split())[:MAX_NAME_CHARS]
    return f"{query} {asked['start']:.2f}-{asked['end']:.2f}"


async def _changed(state: State, change: Callable[[str], JobRow], row: JobRow, user: User) -> schema.Job:
    try:
        return await state.writes.run(lambda: job_facts(state, change(row.id), user))
    except KeyError:  # somebody else deleted it meanwhile
        raise HTTPRefusal(404, "there is no such job") from None
