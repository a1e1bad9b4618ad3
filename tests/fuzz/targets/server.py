"""Requests to a live application: `METHOD /path` in the first line, then the body."""

from __future__ import annotations

import atexit
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target

FULL = {503, 507}  # what may be said of a server that is well, but has no room now
LARGEST = 8192  # characters of an address, as servers take them
BODIES: dict[str, Any] = {
    "POST /api/videos/{v}/find": {"queries": ["a red square"], "top": 2, "fps": 1.0, "threshold": 0.2},
    "POST /api/videos/{v}/clip": {"start": 0.0, "end": 0.5},
    "POST /api/videos/{v}/export": {"format": "srt", "predictions": [], "annotator": "ann"},
    "PUT /api/videos/{v}/annotations": {"query": "a dog", "windows": [[0.1, 0.5]], "annotator": "ann"},
    "POST /api/search": {"query": "a dog", "top": 3},
    "POST /api/folders/{f}/index": {"encoder": None},
    "POST /api/watches": {"source": "rtsp://127.0.0.1/x", "queries": ["a dog"]},
}
GETS = (
    *("GET /api/videos?limit=10", "GET /api/videos/{v}", "GET /api/videos/{v}/picture?t=0.1&width=64"),
    *("GET /api/videos/{v}/strip?count=3", "GET /api/videos/{v}/words", "GET /api/videos/{v}/annotations"),
    *("GET /api/videos/{v}/agreement", "GET /api/jobs?limit=5", "GET /api/annotations.jsonl?annotator=ann"),
    *("GET /api/about", "GET /metrics", "GET /page/main.js", "DELETE /api/jobs/abc", "GET /api/videos/{v}/stream"),
)


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """A request to every address."""
    asked = [f"{line}\n{json.dumps(body)}" for line, body in BODIES.items()] + [f"{line}\n" for line in GETS]
    return {f"{number}.txt": text.encode() for number, text in enumerate(asked)}


@cache
def _client() -> tuple[Any, str, str]:
    from fastapi.testclient import TestClient
    from media import make_video

    from whenabouts.server.app import create_app
    from whenabouts.server.settings import Settings

    place = Path(tempfile.mkdtemp(prefix="server-"))
    (place / "videos").mkdir()
    make_video(place / "videos" / "a.mp4", seconds=1.0, size=(64, 48))
    client = TestClient(create_app(Settings(data=place / "data", folders=(place / "videos",)).resolved()))
    client.base_url = client.base_url.copy_with(host="127.0.0.1")
    video = client.get("/api/videos").json()["videos"][0]["id"]
    folders = client.get("/api/about").json().get("folders") or [{}]
    atexit.register(client.close)
    first = folders[0]
    return client, video, str(first.get("id", 0) if isinstance(first, dict) else first)


def run(path: Path) -> None:
    """What the application answers."""
    client, video, folder = _client()
    line, _, body = path.read_bytes().partition(b"\n")
    method, _, address = line.decode("latin-1").strip().partition(" ")
    address = address.replace("{v}", video).replace("{f}", folder)
    if not (method.isalpha() and line.isascii() and address.startswith("/") and address.isprintable()):
        return  # no server hands on such a request
    if len(address) > LARGEST:
        return
    if "/events" in address or (method == "DELETE" and video in address):
        return  # the one never ends, and the other takes away what the rest is about
    answer = client.request(method, address, content=body, headers={"content-type": "application/json"})
    code = answer.status_code
    sound.require(code < 500 or code in FULL, f"{code}: {answer.text[:1000]}")
    if code >= 400 and answer.text and "json" in answer.headers.get("content-type", ""):
        sound.require(isinstance(answer.json().get("error"), str), f"{code}: {answer.text[:500]}")


TARGET = Target(
    seeds, run, tokens=(b"{v}", b"%00", b"..%2f", b"?", b"&limit=", b'"queries":', b"[[", b"PUT ", b"a" * 9000)
)
