"""What the server is, how it does, and how to talk to it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from whenabouts.interchange.formats import FORMATS
from whenabouts.server.metrics import CONTENT_TYPE
from whenabouts.server.openapi import ERRORS, documentation
from whenabouts.server.refusal import Refusal
from whenabouts.server.routes.parts import Nothing, These
from whenabouts.server.schema import About, FolderFacts, FormatFacts, Health
from whenabouts.version import __version__

router = APIRouter(responses=ERRORS)


@router.get("/api/health")
def health(_: Annotated[Nothing, Query()]) -> Health:
    """Whether the server runs; needs no token."""
    return Health(version=__version__)


@router.get("/api/about")
async def about(_: Annotated[Nothing, Query()], parts: These) -> About:
    """What can be asked of this server."""
    paths = await _indexed(parts)
    folders = [*parts.videos.folders, *([parts.videos.uploads] if parts.settings.upload_limit else [])]
    return About(
        version=__version__,
        models=list(parts.settings.models),
        uploads=parts.settings.upload_limit > 0,
        upload_limit=parts.settings.upload_limit,
        formats=[FormatFacts(name=name, suffix=kind.suffix) for name, kind in FORMATS.items()],
        folders=[
            FolderFacts(
                id=folder.id,
                name=folder.name,
                indexed=any(path.startswith(f"{folder.path}/") for path in paths or ()),
            )
            for folder in folders
        ],
        library=paths is not None,
    )


async def _indexed(parts: These) -> list[str] | None:
    """Paths that the library knows; None where there is no library."""
    if not (parts.settings.library_place / "encoder.txt").is_file():
        return None
    try:
        paths: list[str] = await parts.desk.ask("indexed", {"library": str(parts.settings.library_place)})
    except Refusal:
        return None
    return paths


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics(parts: These) -> Response:
    """Counts, for Prometheus."""
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The schema of this API."""
    told: dict[str, Any] = request.app.openapi()
    return JSONResponse(told)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The same to read."""
    return HTMLResponse(documentation(request.app.openapi()))
