"""The server itself: what it offers, whether it runs, its metrics and the description of its API."""

from __future__ import annotations

import asyncio
from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from whenabouts.evidence import KINDS
from whenabouts.interchange.formats import FORMATS
from whenabouts.library.store import is_library
from whenabouts.prediction import ABSENT
from whenabouts.server import schema
from whenabouts.server.disk import SENTENCES
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.metrics import CONTENT_TYPE
from whenabouts.server.openapi import ERRORS, documentation
from whenabouts.server.routes.dependencies import NoParams, SeesAll, StateDep, UserDep
from whenabouts.server.routes.session import user_facts
from whenabouts.server.state import State
from whenabouts.version import __version__

router = APIRouter(responses=ERRORS)


@router.get("/api/health")
async def get_health(_: NoParams, state: StateDep) -> schema.Health:
    """Check whether the server is running, and whether it can save; needs no token."""
    problem = await asyncio.to_thread(state.disk.check) if state.disk.stale else state.disk.problem
    if problem is not None:
        return schema.Health(status="degraded", reason=SENTENCES[problem], version=__version__)
    if not state.runner.healthy:
        return schema.Health(status="degraded", reason="no job is worked on; restart the server", version=__version__)
    return schema.Health(status="ok", version=__version__)


@router.get("/api/about")
async def get_about(_: NoParams, user: UserDep, state: StateDep) -> schema.About:
    """Get the models, kinds of evidence, formats and folders of this server."""
    paths = await _indexed_paths(state)
    evidence, formats = await asyncio.to_thread(_parts)
    uploads = state.settings.upload_limit > 0
    folders = [*state.videos.folders, *([state.videos.uploads] if uploads else [])]
    return schema.About(
        version=__version__,
        models=list(state.settings.models),
        evidence=evidence,
        absent_below=ABSENT,
        uploads=uploads,
        upload_limit=state.settings.upload_limit,
        formats=formats,
        folders=[
            schema.FolderFacts(
                id=folder.id,
                name=folder.name,
                indexed=any(path.startswith(f"{folder.path}/") for path in paths or ()),
            )
            for folder in folders
        ],
        library=paths is not None,
        streams=bool(state.settings.streams) and user.folders is None,
        user=user_facts(user),
    )


@cache
def _parts() -> tuple[list[schema.EvidenceKindFacts], list[schema.FormatFacts]]:
    """Kinds of evidence and formats. The first look at them imports their libraries: no other client waits for that."""
    return (
        [
            schema.EvidenceKindFacts(name=name, label=kind.label, on_request=kind.on_request)
            for name, kind in KINDS.items()
        ],
        [
            schema.FormatFacts(name=name, suffix=kind.suffix, use=kind.use, group=kind.group)
            for name, kind in FORMATS.items()
        ],
    )


async def _indexed_paths(state: State) -> list[str] | None:
    """Paths of the videos in the library; None where there is no library."""
    place = state.settings.library_path
    if not is_library(place):
        return None
    try:
        paths: list[str] = await state.quick_tasks.run("indexed", {"library": str(place)})
    except HTTPRefusal:
        return None
    return paths


@router.get("/metrics", dependencies=[SeesAll], response_class=Response, include_in_schema=False)
def get_metrics(state: StateDep) -> Response:
    """Counters, for Prometheus."""
    return Response(state.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
def get_openapi(request: Request) -> JSONResponse:
    """The schema of this API."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", include_in_schema=False)
def get_documentation(request: Request) -> HTMLResponse:
    """The schema of this API, for people."""
    return HTMLResponse(documentation(request.app.openapi()))
