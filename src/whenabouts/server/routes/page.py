"""The page: its own files, those it shares with the report, and nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from whenabouts.server.refusal import Refusal

router = APIRouter(include_in_schema=False)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
NONE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>whenabouts</title>'
    '<p>The page is not part of this installation; the <a href="/docs">HTTP API</a> is.</p></html>'
)


@router.get("/")
def page() -> Response:
    """The page itself."""
    found = _files().get("index.html")
    return _sent("index.html", found) if found else HTMLResponse(NONE)


@router.get("/page/{name:path}")
def part(name: str) -> Response:
    """One of its files; only names that are known are looked up."""
    found = _files().get(name)
    if found is None:
        raise Refusal(404, "there is nothing here")
    return _sent(name, found)


def _sent(name: str, file: Traversable) -> Response:
    suffix = name[name.rfind(".") :]
    return Response(file.read_bytes(), media_type=TYPES[suffix], headers={"Cache-Control": "no-cache"})


@cache
def _files() -> dict[str, Traversable]:
    room = files("whenabouts.server").joinpath("page")
    shared = files("whenabouts.interchange").joinpath("page")
    return dict([*_below(room, ""), *_below(shared, "shared/")]) if room.is_dir() else {}


def _below(folder: Traversable, place: str) -> list[tuple[str, Traversable]]:
    found = []
    for each in folder.iterdir():
        name = f"{place}{each.name}"
        if each.is_dir():
            found += _below(each, f"{name}/")
        elif name[name.rfind(".") :] in TYPES:
            found.append((name, each))
    return found
