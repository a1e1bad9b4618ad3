"""The application: `create_app(settings)` opens the state of a server and puts the routes on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from whenabouts.server import openapi
from whenabouts.server.audit import Audited
from whenabouts.server.exchange import Exchanges
from whenabouts.server.guard import Guard
from whenabouts.server.http_refusal import validation_sentence
from whenabouts.server.proxy import Proxied
from whenabouts.server.routes import ROUTERS
from whenabouts.server.settings import Settings
from whenabouts.server.state import State
from whenabouts.version import __version__

__all__ = ["create_app"]

SENTENCES = {404: "there is nothing at this address", 405: "this address does not support the method"}


def create_app(settings: Settings) -> FastAPI:
    """The server as an ASGI application; its jobs run between startup and shutdown.

    Raises InputError where the data folder cannot be used or is in use.
    """
    state = State.open(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        state.runner.start()
        try:
            yield
        finally:
            state.close()

    app = _Application(
        title="whenabouts",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.server = state
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    app.add_middleware(Guard, settings=settings, secret=state.secret, users=state.users, attempts=state.attempts)
    app.add_middleware(Audited, audit=state.audit, routes=[route for router in ROUTERS for route in router.routes])
    app.add_middleware(Proxied, proxies=settings.proxies, prefix=settings.path_prefix)
    app.add_middleware(Exchanges, disk=state.disk, metrics=state.metrics)  # the last one is outermost
    return app


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The schema: whether it demands a token depends on whether the server has users, which can change."""
        state: State = self.state.server
        return self._described(bool(state.settings.tokens) or state.users.exist)

    @cache  # noqa: B019 - there are two, for as long as the application lives
    def _described(self, secured: bool) -> dict[str, Any]:
        return openapi.describe(self, ROUTERS, self.state.server.settings.path_prefix, secured=secured)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    route = getattr(request.scope.get("route"), "path", None)
    if error.status_code == 405 and (methods := request.app.openapi()["paths"].get(route)):
        headers["Allow"] = ", ".join(sorted(method.upper() for method in methods))
    by_framework = error.detail in {"Not Found", "Method Not Allowed"}
    sentence = SENTENCES[error.status_code] if by_framework else str(error.detail)
    return JSONResponse({"error": sentence}, error.status_code, headers=headers)


def _invalid_parameters(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return JSONResponse({"error": validation_sentence([first | {"loc": first["loc"][1:]}])}, 422)
