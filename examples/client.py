"""A small client of `whenabouts serve`, to copy or to learn the HTTP API from.

    client = Client("http://127.0.0.1:8000", token=None)
    for moment in client.find("talk.mp4", "a slide with a diagram")["moments"]:
        print(moment["start"], moment["end"], moment["score"])

Run it as `python examples/client.py http://127.0.0.1:8000 talk.mp4 "a slide with a diagram"`. Needs httpx.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx


class Client:
    """A client of one server. Raises RuntimeError with the server's sentence when a request is refused."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=httpx.Timeout(60, read=None))

    def find(
        self,
        video: str,
        *queries: str,
        progress: Callable[[str, float], None] = lambda step, fraction: None,
        **settings: Any,
    ) -> dict[str, Any]:
        """The prediction for one query, or {"predictions": [...]} for several, on a video of the server or a file.

        `settings` are the options of `whenabouts find`: top=3, evidence=["seen"] …; `progress` is called with the
        current step and the fraction of it that is done.
        """
        job = self._json("POST", f"/api/videos/{self.video(video)}/find", json={"queries": queries, **settings})
        result = self._result(job["id"], progress)
        return result["predictions"][0] if len(queries) == 1 else result

    def video(self, name: str) -> str:
        """The id of the server's video of this name; where there is none, the local file is uploaded."""
        videos = self._json("GET", "/api/videos", params={"limit": 1000})["videos"]
        known = [video["id"] for video in videos if video["name"] == Path(name).name]
        return known[0] if known else self.upload(Path(name))

    def upload(self, path: Path) -> str:
        """Upload a file, and return its id."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
        with path.open("rb") as file:
            return self._json("POST", "/api/videos", params={"name": path.name}, content=file, headers=headers)["id"]

    def _result(self, job: str, progress: Callable[[str, float], None]) -> dict[str, Any]:
        with self._http.stream("GET", f"/api/jobs/{job}/events") as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    latest = json.loads(line[5:])
                    progress(latest["step"], latest["progress"])
        if latest["state"] != "done":
            raise RuntimeError(latest["error"] or f"the job was {latest['state']}")
        return latest["result"]

    def _json(self, method: str, address: str, **more: Any) -> Any:
        answer = self._http.request(method, address, **more)
        if answer.is_error:
            raise RuntimeError(answer.json()["error"])
        return answer.json()


if __name__ == "__main__":
    address, video, *queries = sys.argv[1:]
    client = Client(address, os.environ.get("WHENABOUTS_TOKEN"))
    for query in queries:
        for moment in client.find(video, query)["moments"]:
            print(f"{moment['start']:8.2f} {moment['end']:8.2f} {moment['score']:.2f} {query}")
