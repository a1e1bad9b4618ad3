"""The files of the page, and nothing else."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from whenabouts.language import available, translations
from whenabouts.server.http_refusal import HTTPRefusal

router = APIRouter(include_in_schema=False)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
NO_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>whenabouts</title>'
    '<p>The page is not part of this installation; the <a href="docs">HTTP API</a> is.</p></html>'
)


@router.get("/")
def get_page(request: Request) -> Response:
    """The page."""
    found = _files().get("index.html")
    return _response("index.html", found, request) if found else HTMLResponse(NO_PAGE)


@router.get("/page/languages.json")
def get_languages() -> JSONResponse:
    """The languages beside English in which the page can be shown: their own names by their codes."""
    found = {code: catalogue.name for code in available() if (catalogue := translations(code)) is not None}
    return JSONResponse(found, headers={"Cache-Control": "no-cache"})


@router.get("/page/{name:path}")
def get_page_file(name: str, request: Request) -> Response:
    """One of its files; only known names are looked up, so no path can lead elsewhere."""
    found = _files().get(name)
    if found is None:
        raise HTTPRefusal(404, "the page has no file of this name")
    return _response(name, found, request)


def _response(name: str, file: Traversable, request: Request) -> Response:
    content = file.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[name[name.rfind(".") :]], headers=headers)


@cache
def _files() -> dict[str, Traversable]:
    """The page's own files, below `shared/` those that it shares with the report of `find`, and the catalogues."""
    own, shared = files("whenabouts.server").joinpath("page"), files("whenabouts.interchange").joinpath("page")
    common = [(name, file) for name, file in _below(shared, "shared/") if name.endswith((".js", ".css"))]
    catalogues = [
        (f"language/{code}.json", files("whenabouts.language").joinpath(f"{code}.json")) for code in available()
    ]
    return dict([*common, *catalogues, *(_below(own, "") if own.is_dir() else ())])


def _below(folder: Traversable, place: str) -> list[tuple[str, Traversable]]:
    found = []
    for each in folder.iterdir():
        name = f"{place}{each.name}"
        if each.is_dir():
            found += _below(each, f"{name}/")
        elif name[name.rfind(".") :] in TYPES:
            found.append((name, each))
    return found
