"""The library: search it, index folders into it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from whenabouts.commands import Index, Search
from whenabouts.server import schema
from whenabouts.server.openapi import ERRORS, body, takes
from whenabouts.server.refusal import Refusal
from whenabouts.server.routes.parts import Client, Nothing, These, ThisFolder, job, queue
from whenabouts.server.routes.videos import Key
from whenabouts.server.work import picture_address

router = APIRouter(prefix="/api", responses=ERRORS)


@router.post("/search", openapi_extra=takes(Search))
async def search(
    _: Annotated[Nothing, Query()], asked: Annotated[Search, Depends(body(Search))], parts: These
) -> schema.Hits:
    """The best moments of all videos of the server's folders that are indexed."""
    place = parts.settings.library_place
    if not (place / "encoder.txt").is_file():
        raise Refusal(409, "there is no library yet; index a folder first")
    folders = [*parts.videos.folders, parts.videos.uploads]
    request = {
        "library": str(place),
        "folders": [str(folder.path) for folder in folders],
        "search": asked.model_dump(mode="json"),
    }
    try:
        found = await parts.desk.ask("search", request)
    except Refusal as refusal:
        raise Refusal(refusal.status_code, parts.work.hide(refusal.detail)) from None
    hits: list[schema.Hit] = []
    for hit in found:
        video = await asyncio.to_thread(parts.videos.of, Path(hit["path"]))
        if video is not None and len(hits) < asked.top:
            middle = (hit["moment"]["start"] + hit["moment"]["end"]) / 2
            picture = picture_address(video.id, middle)
            hits.append(schema.Hit(video=video.id, name=video.name, moment=hit["moment"], picture=picture))
    return schema.Hits(hits=hits)


@router.post("/folders/{folder}/index", status_code=202, openapi_extra=takes(Index))
def index(
    folder: ThisFolder,
    _: Annotated[Nothing, Query()],
    asked: Annotated[Index, Depends(body(Index))],
    parts: These,
    client: Client,
    key: Key = None,
) -> schema.Job:
    """Bring the library up to date with a folder."""
    return queue(parts, client, "index", {**asked.model_dump(mode="json"), "folder": folder.id}, key=key)


@router.post("/folders/{folder}/watch", status_code=202, openapi_extra=takes(Index))
def watch(
    folder: ThisFolder,
    _: Annotated[Nothing, Query()],
    asked: Annotated[Index, Depends(body(Index))],
    parts: These,
    client: Client,
) -> schema.Job:
    """Index a folder, and again whenever it changes, until the job is cancelled; one job for each folder."""
    for row in [*parts.store.newest("running", 1000), *parts.store.newest("queued", 1000)]:
        if row.kind == "watch" and row.request["folder"] == folder.id:
            return job(parts, row)
    return queue(parts, client, "watch", {**asked.model_dump(mode="json"), "folder": folder.id})
