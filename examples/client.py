"""A small client of `whenabouts serve`: copy it, or learn the HTTP API from it.

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
    """Asks a server; raises RuntimeError with the server's own sentence when it refuses."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=httpx.Timeout(60, read=None))

    def find(
        self,
        video: str,
        *queries: str,
        progress: Callable[[str, float], None] = lambda step, part: None,
        **settings: Any,
    ) -> dict[str, Any]:
        """The prediction for one query, or {"predictions": [...]} for several, of the server's or a local video.

        `settings` are those of `whenabouts find`: top=3, evidence=["seen"] …; `progress` is called with what is being
        done and the fraction of it that is done.
        """
        job = self._json("POST", f"/api/videos/{self.video(video)}/find", json={"queries": queries, **settings})
        result = self._followed(job["id"], progress)
        return result["predictions"][0] if len(queries) == 1 else result

    def video(self, name: str) -> str:
        """The id of the video that the server knows by this name; a local file that it does not know is uploaded."""
        videos = self._json("GET", "/api/videos", params={"limit": 1000})["videos"]
        known = [video["id"] for video in videos if video["name"] == Path(name).name]
        return known[0] if known else self.upload(Path(name))

    def upload(self, path: Path) -> str:
        """Send a file; its id."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
        with path.open("rb") as file:
            return self._json("POST", "/api/videos", params={"name": path.name}, content=file, headers=headers)["id"]

    def _followed(self, job: str, progress: Callable[[str, float], None]) -> dict[str, Any]:
        with self._http.stream("GET", f"/api/jobs/{job}/events") as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    told = json.loads(line[5:])
                    progress(told["step"], told["progress"])
        if told["state"] != "done":
            raise RuntimeError(told["error"] or f"the job was {told['state']}")
        return told["result"]

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
