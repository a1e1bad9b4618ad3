"""Bodies of requests: read strictly, with a limit, and told to programs in the OpenAPI schema.

FastAPI would take "5" for 5, and a form for JSON; here a body is JSON of exactly the told types, or it is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from pydantic_core import from_json, to_json

from whenabouts.commands import Find, Index, Search
from whenabouts.server import schema
from whenabouts.server.arriving import arriving
from whenabouts.server.refusal import Refusal, sentence
from whenabouts.version import __version__

__all__ = ["ERRORS", "body", "describe", "documentation", "takes"]

T = TypeVar("T", bound=BaseModel)
MIB = 1 << 20
STATED = (400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 422, 429, 503)
CLOSED = ("Prediction", "Moment", "Evidence", "Saliency", "Receipt")  # dataclasses take no other fields
REF = "#/components/schemas/{model}"
SENTENCE = {"application/json": {"schema": {"$ref": REF.format(model="Error")}}}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": SENTENCE} for status in STATED
}
TOLD: tuple[type[BaseModel], ...] = (schema.Error, Find, Search, Index, schema.Export, schema.Clip, schema.Correction)


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
            return _validated(model, bytes(data))
        except ValidationError as error:
            raise Refusal(_status(error), sentence(error)) from None

    return read


def _validated(model: type[T], data: bytes) -> T:
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        if not any(fault["type"] == "int_type" for fault in error.errors(include_input=False)):
            raise
    return model.model_validate_json(to_json(_whole(from_json(data))), strict=True)  # 5.0 is a whole number in JSON


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _status(error: ValidationError) -> int:
    """409 where values of the right kind contradict each other, which no schema can tell; else 422."""
    return 409 if all(fault["type"] == "value_error" for fault in error.errors(include_input=False)) else 422


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
    _, models = models_json_schema([(model, "validation") for model in TOLD], ref_template=REF)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {name: each for name, each in models["$defs"].items() if name not in schemas}
    _name_tuples(told)
    for name in CLOSED:
        schemas[name]["additionalProperties"] = False
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return told


def _name_tuples(value: Any) -> None:
    """Write tuples as JSON Schema 2020-12 has them: FastAPI still writes them in the older way."""
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value["prefixItems"] = value.pop("items")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _name_tuples(each)


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
