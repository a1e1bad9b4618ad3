"""Jobs: how they do, live, and cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from whenabouts.server import schema
from whenabouts.server.jobs.store import FINAL
from whenabouts.server.media import Ranged
from whenabouts.server.openapi import ERRORS
from whenabouts.server.refusal import Refusal
from whenabouts.server.routes.parts import Nothing, These, ThisJob, job
from whenabouts.server.routes.videos import VIDEO, attachment

router = APIRouter(prefix="/api/jobs", responses=ERRORS)
OFTEN = 0.1  # seconds between two events


class Listing(BaseModel):
    """Which jobs."""

    model_config = ConfigDict(extra="forbid")
    state: schema.State | None = None
    video: Annotated[str | None, Field(max_length=64)] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("")
def jobs(asked: Annotated[Listing, Query()], parts: These) -> schema.Jobs:
    """The newest jobs, without their results."""
    return schema.Jobs(jobs=[job(parts, row) for row in parts.store.newest(asked.state, asked.limit, asked.video)])


@router.get("/{job}")
def one(row: ThisJob, _: Annotated[Nothing, Query()], parts: These) -> schema.Job:
    """One job, with its result once there is one."""
    return job(parts, row)


@router.post("/{job}/cancel")
def cancel(row: ThisJob, _: Annotated[Nothing, Query()], parts: These) -> schema.Job:
    """End a job; one that has ended stays as it is."""
    return job(parts, parts.runner.cancel(row.id))


@router.delete("/{job}")
def remove(row: ThisJob, _: Annotated[Nothing, Query()], parts: These) -> schema.Job:
    """End a job and forget it, with its result and its file; what it was."""
    return job(parts, parts.runner.forget(row.id))


@router.get("/{job}/events", response_class=EventSourceResponse)
async def events(row: ThisJob, _: Annotated[Nothing, Query()], parts: These) -> AsyncIterator[ServerSentEvent]:
    """The job at each change, until it has ended."""
    number, told = 0, None
    with parts.changes.follow(row.id) as changed:
        while not parts.changes.closed:
            changed.clear()
            try:
                told = await asyncio.to_thread(lambda: job(parts, parts.store.get(row.id)))
            except KeyError:  # it was deleted
                told = (told or job(parts, row)).model_copy(update={"state": "cancelled"})
            yield ServerSentEvent(data=told, event="job", id=str(number))
            number += 1
            if told.state in FINAL:
                return
            await changed.wait()
            await asyncio.sleep(OFTEN)


@router.get("/{job}/file", response_class=Response, responses=VIDEO)
async def file(row: ThisJob, _: Annotated[Nothing, Query()], request: Request, parts: These) -> Any:
    """The clip that a job cut."""
    if row.kind != "clip" or row.state != "done":
        raise Refusal(404, "this job has no file, or not yet")
    try:
        descriptor = await asyncio.to_thread(parts.videos.open_path, parts.work.clip_of(row.id))
    except OSError:
        raise Refusal(404, "the clip is gone; ask for it again") from None
    words = " ".join(str(row.request["query"]).split())[:60]
    name = f"{words} {row.request['start']:.2f}-{row.request['end']:.2f}.mp4"
    return Ranged(
        descriptor,
        request.headers,
        "video/mp4",
        count=parts.metrics.streamed.inc,
        closing=lambda: parts.changes.closed,
        attachment=attachment(name),
    )
