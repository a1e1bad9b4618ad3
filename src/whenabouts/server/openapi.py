"""The OpenAPI schema of the server, and a page that lists its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from whenabouts.server.schema import Error
from whenabouts.version import __version__

__all__ = ["ERRORS", "describe", "documentation", "takes"]

STATUSES = (400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 416, 422, 428, 429, 503, 507)
REF = "#/components/schemas/{model}"
ERROR = {"application/json": {"schema": {"$ref": REF.format(model=Error.__name__)}}}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": ERROR} for status in STATUSES
}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """What the schema says of an address whose body is a model, read with `body.json_body`."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inline(model)}}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI schema of all addresses under /api."""
    description = get_openapi(
        title="whenabouts",
        version=__version__,
        description="When in this video does this sentence happen?",
        routes=app.routes,
    )
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    _, error = models_json_schema([(Error, "validation")], ref_template=REF)
    _add(schemas, error["$defs"])
    for operation in _operations(description):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            _add(schemas, media["schema"].pop("$defs", {}))
    _name_tuples(description)
    for schema in schemas.values():
        if "properties" in schema:  # nothing is accepted or sent beside the fields of a model or a dataclass
            schema.setdefault("additionalProperties", False)
    description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return description


def _inline(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to a model, beside the definitions that `describe` moves to the components."""
    _, schema = models_json_schema([(model, "validation")], ref_template=REF)
    return {"$ref": REF.format(model=model.__name__), "$defs": schema["$defs"]}


def _add(schemas: dict[str, Any], definitions: dict[str, Any]) -> None:
    for name, definition in definitions.items():
        schemas.setdefault(name, definition)


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in description["paths"].values():
        yield from methods.values()


def _name_tuples(value: Any) -> None:
    """Write tuples as JSON Schema 2020-12 does: FastAPI still writes them in the older way."""
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value["prefixItems"] = value.pop("items")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _name_tuples(each)


def documentation(description: dict[str, Any]) -> str:
    """The addresses as an HTML page without scripts; programs read /openapi.json."""
    rows = [
        f"<dt><code>{method.upper()} {escape(path)}</code></dt><dd>{escape(operation.get('description', ''))}</dd>"
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>whenabouts: HTTP API</title>'
        '<h1>The HTTP API</h1><p>For programs: <a href="/openapi.json">openapi.json</a></p>'
        f"<dl>{''.join(rows)}</dl></html>"
    )
