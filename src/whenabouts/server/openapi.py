"""The OpenAPI schema of the server, and a page that lists its addresses.

Names come from the code: an operation is called as its function, stands with those of its module, and is told by its
docstring, of which the first sentence is the summary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from whenabouts.server.schema import Error
from whenabouts.version import __version__

__all__ = ["ERRORS", "describe", "documentation", "operation_id", "takes"]

STATUSES = (400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 416, 422, 428, 429, 503, 507)
TAGS = {
    "server": "What this server offers, and whether it runs.",
    "videos": "The videos: listed, uploaded, shown, heard and read; asked about, cut and exported.",
    "jobs": "Long work: `find_moments`, `cut_clip` and others start a job, `get_job` has its result once it is done.",
    "library": "All indexed videos at once.",
    "pictures": "Pictures to search by.",
    "watches": "Standing queries on a video or a stream.",
    "questions": "Saved questions, of one person or of all.",
    "batches": "The same questions asked of many videos, and the table of their answers.",
    "annotations": "What people say happens, and how far they agree.",
    "session": "Logging in and out, where the server has users; programs send their token with each request instead.",
    "audit": "Who did what and when, for administrators.",
}
REF = "#/components/schemas/{model}"
ERROR = {
    "application/json": {
        "schema": {"$ref": REF.format(model=Error.__name__)},
        "example": {"error": "there is no such video"},
    }
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": ERROR} for status in STATUSES
}


def takes(model: type[BaseModel], example: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the schema says of an address whose body is a model, read with `body.json_body`."""
    content = {"schema": _inline(model)} | ({"example": example} if example else {})
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def operation_id(route: APIRoute) -> str:
    """The name of an operation, which generated clients give to its method."""
    return route.name


def describe(app: FastAPI, routers: Iterable[APIRouter], prefix: str = "", *, secured: bool = True) -> dict[str, Any]:
    """The OpenAPI schema of all addresses under /api, which these routers hold.

    prefix: of the paths, where a proxy shows the server below one; secured: whether requests need a token
    """
    description = get_openapi(
        title="whenabouts",
        version=__version__,
        description="When in this video does this sentence happen?",
        routes=app.routes,
        servers=[{"url": prefix}] if prefix else None,
    )
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    _, error = models_json_schema([(Error, "validation")], ref_template=REF)
    _add(schemas, error["$defs"])
    _tell(description, routers)
    for operation in _operations(description):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            _add(schemas, media["schema"].pop("$defs", {}))
        if not secured:
            operation.pop("security", None)
    _name_tuples(description)
    for schema in schemas.values():
        if "properties" in schema:  # nothing is accepted or sent beside the fields of a model or a dataclass
            schema.setdefault("additionalProperties", False)
    used = {tag for operation in _operations(description) for tag in operation["tags"]}
    description["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return description


def _tell(description: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    """Give each operation its tag and its summary."""
    for route in (route for router in routers for route in router.routes):
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        module = route.endpoint.__module__.rpartition(".")[2]
        summary = " ".join(route.description.split("\n\n")[0].split()).partition(". ")[0].removesuffix(".")
        for method in route.methods or ():
            operation = description["paths"][route.path_format][method.lower()]
            operation["summary"] = summary
            operation.setdefault("tags", ["server" if module == "about" else module])


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
        '<link rel="icon" href="page/icon.svg" type="image/svg+xml">'
        '<h1>The HTTP API</h1><p>For programs: <a href="openapi.json">openapi.json</a></p>'
        f"<dl>{''.join(rows)}</dl></html>"
    )
