"""Batches: the same questions asked of many videos, and the table of their answers."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from whenabouts.interchange.formats import FORMATS
from whenabouts.interchange.only import Only
from whenabouts.server import schema
from whenabouts.server.body import json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.store import JobRow
from whenabouts.server.media import attachment
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import ID_PATTERN, JobQueueDep, NoParams, Params, StateDep
from whenabouts.server.routes.videos import FILE_RESPONSE
from whenabouts.server.state import State
from whenabouts.server.videos import VideoFile

router = APIRouter(prefix="/api/batches", responses=ERRORS)
BatchBody = Annotated[schema.BatchBody, Depends(json_body(schema.BatchBody))]
ID = Annotated[str, Path(pattern=ID_PATTERN, description="An opaque id.")]
SHOWN = 20  # batches in the list
EXAMPLE = {"videos": ["kQ3vX0m5C2bN", "Zr8tLw1pHs4d"], "find": {"queries": ["a goal is scored"]}}


class ExportParams(Params):
    """Which moments to write: by default none that the tool itself calls absent."""

    only: Only = "likely"


@router.get("")
def list_batches(_: NoParams, state: StateDep) -> schema.BatchList:
    """List the newest batches."""
    return schema.BatchList(
        batches=[
            schema.BatchSummary(id=batch, videos=count, queries=first.request["queries"], created=first.created)
            for batch, count, first in state.store.batches(SHOWN)
        ]
    )


@router.post("", status_code=202, openapi_extra=takes(schema.BatchBody, EXAMPLE))
async def create_batch(_: NoParams, body: BatchBody, jobs: JobQueueDep, state: StateDep) -> schema.Batch:
    """Ask the same questions of many videos: one job for each of them, or none at all."""
    state.handler.check(body.find)
    videos = [await asyncio.to_thread(_existing, state, video) for video in dict.fromkeys(body.videos)]
    batch = await jobs.put_batch("find", body.find.model_dump(mode="json"), videos)
    return await asyncio.to_thread(_table, state, batch)


def _existing(state: State, video: str) -> VideoFile:
    try:
        return state.videos.get(video)
    except KeyError:
        raise HTTPRefusal(404, f"there is no such video: {video}") from None


@router.get("/{batch}")
def get_batch(batch: ID, _: NoParams, state: StateDep) -> schema.Batch:
    """Get the table of a batch: the answer of each video to each question, as far as they are known."""
    return _table(state, batch)


@router.get("/{batch}/moments.csv", response_class=Response, responses=FILE_RESPONSE)
async def export_batch(batch: ID, params: Annotated[ExportParams, Query()], state: StateDep) -> Response:
    """Write the moments of a batch as one table for spreadsheets, video by video.

    Without `only=all`, the nearest moments of queries that are probably not in a video are left out.
    """
    rows, kind = await asyncio.to_thread(_jobs, state, batch), FORMATS["csv"]
    text = ""
    for row in rows:
        table = await _csv(state, row, params.only)
        text += table.partition("\n")[2] if text else table
    data = text.encode(kind.encoding, "backslashreplace")
    headers = {"Content-Disposition": attachment(f"moments{kind.suffix}")}
    return Response(data, media_type="application/octet-stream", headers=headers)


async def _csv(state: State, row: JobRow, only: Only) -> str:
    """The table of one video, with its header; nothing where its job is not done or the video is gone."""
    try:
        video = await asyncio.to_thread(state.videos.get, row.video or "")
        predictions = await asyncio.to_thread(state.batches.predictions, row)
    except KeyError:
        return ""
    request = {"path": str(video.path), "name": video.name, "format": "csv", "only": only, "predictions": predictions}
    file = await state.quick_tasks.run("export", request) if predictions else None
    return base64.b64decode(file["data"]).decode(FORMATS["csv"].encoding) if file else ""


def _jobs(state: State, batch: str) -> list[JobRow]:
    rows = state.store.of_batch(batch)
    if not rows:
        raise HTTPRefusal(404, "there is no such batch, or it was so long ago that its answers are deleted")
    return rows


def _table(state: State, batch: str) -> schema.Batch:
    rows = _jobs(state, batch)
    return schema.Batch(id=batch, queries=rows[0].request["queries"], rows=[_row(state, row) for row in rows])


def _row(state: State, row: JobRow) -> schema.BatchRow:
    try:
        name = state.videos.get(row.video or "").name
    except KeyError:
        name = ""
    step, progress, _ = state.runner.progress(row)
    try:
        answers = state.batches.answers(row)
    except KeyError:  # it was deleted meanwhile
        answers = []
    return schema.BatchRow(
        video=row.video or "",
        name=name,
        job=row.id,
        state=row.state,
        step=step,
        progress=progress,
        error=row.error,
        answers=answers,
    )
