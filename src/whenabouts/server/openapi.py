"""Bodies of requests: read strictly, with a limit, and told to programs in the OpenAPI schema.

FastAPI would take "5" for 5, and a form for JSON; here a body is JSON of exactly the told types, or it is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

from whenabouts import __version__
from whenabouts.requests import Find, Index, Search
from whenabouts.server import schema
from whenabouts.server.arriving import arriving
from whenabouts.server.refusal import Refusal, sentence

__all__ = ["ERRORS", "body", "describe", "documentation", "takes"]

T = TypeVar("T", bound=BaseModel)
MIB = 1 << 20
STATED = (400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 422, 429, 503)
ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": schema.Error} for status in STATED}
BODIES: tuple[type[BaseModel], ...] = (Find, Search, Index, schema.Export, schema.Clip, schema.Correction)
REF = "#/components/schemas/{model}"


def body(model: type[T], *, limit: int = MIB) -> Callable[[Request], Awaitable[T]]:
    """A dependency that reads a body of at most `limit` bytes. Raises Refusal."""

    async def read(request: Request) -> T:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(415, "the body must be JSON, with Content-Type: application/json")
        data = bytearray()
        async for chunk in arriving(request.stream(), limit):
            data += chunk
        try:
            return model.model_validate_json(bytes(data), strict=True)
        except ValidationError as error:
            raise Refusal(422, sentence(error)) from None

    return read


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """What the schema says of an address with such a body."""
    content = {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI schema of all addresses under /api."""
    told = get_openapi(
        title="whenabouts",
        version=__version__,
        description="When in this video does this sentence happen?",
        routes=app.routes,
    )
    _, models = models_json_schema([(model, "validation") for model in BODIES], ref_template=REF)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {name: each for name, each in models["$defs"].items() if name not in schemas}
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return told


def documentation(told: dict[str, Any]) -> str:
    """The addresses as a page without scripts; programs read /openapi.json."""
    rows = [
        f"<dt><code>{method.upper()} {escape(path)}</code></dt><dd>{escape(facts.get('description', ''))}</dd>"
        for path, methods in told["paths"].items()
        for method, facts in methods.items()
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>whenabouts: HTTP API</title>'
        '<h1>The HTTP API</h1><p>For programs: <a href="/openapi.json">openapi.json</a></p>'
        f"<dl>{''.join(rows)}</dl></html>"
    )
