"""What routes need from a request: the server's parts, the video or job that is meant, who asks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from whenabouts.errors import QueueFull
from whenabouts.server.app import Parts
from whenabouts.server.jobs.store import Kind, Row
from whenabouts.server.refusal import Refusal
from whenabouts.server.schema import Job
from whenabouts.server.videos import Folder, VideoFile

__all__ = ["Client", "These", "ThisFolder", "ThisJob", "ThisVideo", "job", "queue"]

ID = Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="An opaque id.")


class Nothing(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid")


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


These = Annotated[Parts, Depends(_parts)]


def _client(request: Request) -> str:
    return str(request.scope["client_name"])


Client = Annotated[str, Depends(_client)]


def _video(video: Annotated[str, ID], parts: These) -> VideoFile:
    try:
        return parts.videos.get(video)
    except KeyError:
        raise Refusal(404, "there is no such video") from None


def _folder(folder: Annotated[str, ID], parts: These) -> Folder:
    try:
        return parts.videos.folder(folder)
    except KeyError:
        raise Refusal(404, "there is no such folder") from None


def _job(job: Annotated[str, ID], parts: These) -> Row:
    try:
        return parts.store.get(job)
    except KeyError:
        raise Refusal(404, "there is no such job") from None


ThisVideo = Annotated[VideoFile, Depends(_video)]
ThisFolder = Annotated[Folder, Depends(_folder)]
ThisJob = Annotated[Row, Depends(_job)]


def job(parts: Parts, row: Row) -> Job:
    """A job as clients see it."""
    step, progress, position = parts.runner.progress(row)
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
        result=row.result,
        created=row.created,
        started=row.started,
        ended=row.ended,
    )


def queue(
    parts: Parts, client: str, kind: Kind, request: dict[str, Any], video: str | None = None, key: str | None = None
) -> Job:
    """A new job, or the same one for the same key. Raises Refusal: 429 or 503 when the queue is full, 409."""
    try:
        row, new = parts.store.put(kind, client, request, video=video, key=key)
    except QueueFull as full:
        why = "too many of your jobs wait already" if full.of_client else "too many jobs wait already"
        raise Refusal(429 if full.of_client else 503, f"{why}; try again later", **{"Retry-After": "30"}) from None
    if new:
        parts.runner.wake()
    elif (row.kind, row.video, row.request) != (kind, video, request):
        raise Refusal(409, "this Idempotency-Key was used for another request")
    return job(parts, row)
