"""The application: `create_app(settings)` puts the parts together, and takes them apart in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from whenabouts.errors import InputError
from whenabouts.server import openapi
from whenabouts.server.annotations import Annotations
from whenabouts.server.desk import Desk
from whenabouts.server.guard import Guard
from whenabouts.server.jobs.changes import Changes
from whenabouts.server.jobs.runner import Runner, lanes
from whenabouts.server.jobs.store import Store
from whenabouts.server.looks import Looks
from whenabouts.server.metrics import Metrics
from whenabouts.server.settings import Settings, secret_of
from whenabouts.server.uploads import Uploads
from whenabouts.server.videos import VideoFiles
from whenabouts.server.work import Work
from whenabouts.version import __version__

__all__ = ["Parts", "create_app"]

WATCHED = 8  # folders that can be watched at once


@dataclass(slots=True)
class Parts:
    """What the routes work with; `app.state.parts`."""

    settings: Settings
    store: Store
    changes: Changes
    videos: VideoFiles
    uploads: Uploads
    annotations: Annotations
    desk: Desk
    looks: Looks
    metrics: Metrics
    work: Work
    runner: Runner

    def close(self) -> None:
        """End processes, then let go of the databases; jobs wait for the next start."""
        self.changes.close()
        self.runner.close()
        self.desk.close()
        self.annotations.close()
        self.store.close()


def create_app(settings: Settings) -> FastAPI:
    """The server as an ASGI application; its jobs run between startup and shutdown.

    Raises InputError where the data folder cannot be used, or another server works with it.
    """
    parts, secret = _parts(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        parts.runner.start()
        try:
            yield
        finally:
            parts.close()

    app = _Application(
        title="whenabouts",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    from whenabouts.server.routes import about, annotations, jobs, library, page, videos

    for room in (about, videos, jobs, annotations, library, page):
        app.include_router(room.router)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Guard, settings=settings, secret=secret, metrics=parts.metrics)
    return app


class _Application(FastAPI):
    @cached_property
    def told(self) -> dict[str, Any]:
        return openapi.describe(self)

    def openapi(self) -> dict[str, Any]:
        return self.told


def _parts(settings: Settings) -> tuple[Parts, bytes]:
    library = settings.library.resolve() if settings.library else None
    folders = tuple(folder.resolve() for folder in settings.folders)
    settings = replace(settings, data=settings.data.resolve(), folders=folders, library=library)
    data = settings.data
    for folder in settings.folders:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder of videos")
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(data / "jobs.sqlite", limit=settings.queue_limit)
        secret = secret_of(data)
        uploads = Uploads(data / "uploads", settings.upload_limit)
        annotations = Annotations(data / "annotations.sqlite")
        videos = VideoFiles(settings.folders, uploads.folder, secret)
        metrics = Metrics(store)
        work = Work(settings, videos, metrics)
    except OSError as error:
        raise InputError(f"{data} cannot be used: {(error.strerror or str(error)).lower()}") from error
    changes = Changes()
    watched = min(WATCHED, len(videos.folders) + 1)
    runner = Runner(store, changes, work, lanes(settings.workers, watched))
    desk = Desk()
    return Parts(
        settings, store, changes, videos, uploads, annotations, desk, Looks(desk), metrics, work, runner
    ), secret


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "there is nothing here", 405: "this address does not answer to that method"}
    plain = error.detail in {"Not Found", "Method Not Allowed"}
    headers = dict(error.headers or {})
    route = getattr(request.scope.get("route"), "path", None)
    if error.status_code == 405 and (methods := request.app.openapi()["paths"].get(route)):
        headers["Allow"] = ", ".join(sorted(method.upper() for method in methods))
    told = known[error.status_code] if plain and error.status_code in known else str(error.detail)
    return JSONResponse({"error": told}, error.status_code, headers=headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"][1:])
    told = f"{where}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
    return JSONResponse({"error": told}, 422)
