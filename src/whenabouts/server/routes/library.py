"""The library: search it, and index folders into it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from whenabouts.commands import Index, Search
from whenabouts.library.store import is_library
from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import json_body
from whenabouts.server.examples import resolved
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.handler import picture_url
from whenabouts.server.milliseconds import rounded
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import FolderDep, JobQueueDep, NoParams, StateDep, job_facts

router = APIRouter(prefix="/api", responses=ERRORS)
SEARCH_EXAMPLE = {"query": "a red car passes", "top": 5}
INDEX_EXAMPLE = {"fps": 1.0}
SearchBody = Annotated[Search, Depends(json_body(Search))]
IndexBody = Annotated[Index, Depends(json_body(Index))]
MAX_LISTED = 1000  # jobs in one state


@router.post("/search", openapi_extra=takes(Search, SEARCH_EXAMPLE))
async def search_library(_: NoParams, body: SearchBody, request: Request, state: StateDep) -> schema.LibraryHits:
    """Search all indexed videos of the server's folders for the best moments, and say whether any is likely.

    `like` is `picture:HASH` of an uploaded picture, or `VIDEO@12.5` or `VIDEO@12.5-15` with the id of a video.
    """
    note(request.scope, queries=[body.query] if body.query else [], **({"like": body.like} if body.like else {}))
    place = state.settings.library_path
    if not is_library(place):
        raise HTTPRefusal(409, "there is no library yet; index a folder first")
    task = {
        "library": str(place),
        "folders": [str(folder) for folder in await asyncio.to_thread(lambda: state.videos.roots)],
        "search": body.model_dump(mode="json") | {"like": resolved(body.like, state.pictures.folder, state.videos)},
    }
    try:
        found = await state.quick_tasks.run("search", task)
    except HTTPRefusal as refusal:
        raise HTTPRefusal(refusal.status_code, state.handler.hide(refusal.detail)) from None
    hits: list[schema.LibraryHit] = []
    for hit in found["hits"]:
        video = await asyncio.to_thread(state.videos.at, Path(hit["path"]))
        if video is not None and len(hits) < body.top:
            picture = picture_url(video.id, (hit["moment"]["start"] + hit["moment"]["end"]) / 2)
            told = schema.LibraryHit(
                video=video.id,
                name=video.name,
                moment=rounded(hit["moment"]),
                picture=picture,
                notes=hit["notes"],
                unlikely=hit["unlikely"],
            )
            hits.append(told)
    notes = [state.handler.hide(note) for note in found["notes"]]
    return schema.LibraryHits(
        hits=hits, presence=found["presence"], absent=found["absent"], videos=found["videos"], notes=notes
    )


@router.post("/folders/{folder}/index", status_code=202, openapi_extra=takes(Index, INDEX_EXAMPLE))
async def index_folder(
    folder: FolderDep, _: NoParams, body: IndexBody, jobs: JobQueueDep, state: StateDep
) -> schema.Job:
    """Start a job that brings the library up to date with a folder."""
    state.handler.check(body)
    return await jobs.put("index", {**body.model_dump(mode="json"), "folder": folder.id})


@router.post("/folders/{folder}/watch", status_code=202, openapi_extra=takes(Index, INDEX_EXAMPLE))
async def watch_folder(
    folder: FolderDep, _: NoParams, body: IndexBody, jobs: JobQueueDep, state: StateDep
) -> schema.Job:
    """Start a job that indexes a folder whenever it changes, until it is cancelled; there is one for each folder."""
    state.handler.check(body)
    for name in ("queued", "running"):  # in this order: a job that starts meanwhile is seen in one of them
        for row in await asyncio.to_thread(state.store.newest, name, MAX_LISTED):
            if row.kind == "watch" and row.request["folder"] == folder.id:
                return await asyncio.to_thread(job_facts, state, row, jobs.user)
    return await jobs.put("watch", {**body.model_dump(mode="json"), "folder": folder.id})
