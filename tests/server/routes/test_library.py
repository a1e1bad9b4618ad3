"""The library over HTTP: indexed in a job, searched at once, with videos by id."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import wait_until
from serving import Server, serving


@pytest.fixture(scope="module")
def indexed(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("lancedb")
    folder = tmp_path_factory.mktemp("library")
    with serving(videos, "--data", folder / "data") as running:
        assert running.client.post("/api/search", json={"query": "a cat"}).status_code == 409
        [place, _] = running.json("GET", "/api/about")["folders"]
        assert place["indexed"] is False
        job = running.json("POST", f"/api/folders/{place['id']}/index", status=202, json={"fps": 1.0})
        done = running.ended(job)
        assert done["state"] == "done" and done["result"]["indexed"] == 2, done
        yield running


def test_a_search_answers_with_videos_by_id(indexed: Server, videos: Path) -> None:
    told = indexed.json("GET", "/api/about")
    assert told["library"] and told["folders"][0]["indexed"]
    answer = indexed.client.post("/api/search", json={"query": "a cat", "top": 2})
    [hit, *_] = answer.json()["hits"]
    assert (hit["video"], hit["name"]) == (indexed.video("cat.mp4"), "cat.mp4")
    assert hit["moment"]["start"] < 6 and hit["moment"]["end"] > 3
    assert indexed.client.get(hit["picture"]).headers["content-type"] == "image/jpeg"
    assert str(videos) not in answer.text


def test_a_place_is_told_below_the_folder_and_never_from_the_root(indexed: Server, videos: Path) -> None:
    def names(pattern: str) -> set[str]:
        told = indexed.json("POST", "/api/search", status=200, json={"query": "bars", "path": pattern})
        return {hit["name"] for hit in told["hits"]}

    assert names("old/*") == names("*/old/*") == {"bars.mkv"}
    assert "cat.mp4" in names("cat*")
    assert names(f"{videos}/*") == names(f"{videos.parent}*") == set()


def test_a_watched_folder_is_followed_until_the_job_is_cancelled(indexed: Server, videos: Path) -> None:
    place = indexed.json("GET", "/api/about")["folders"][0]["id"]
    job, same = (indexed.json("POST", f"/api/folders/{place}/watch", status=202, json={}) for _ in range(2))
    assert job["id"] == same["id"]
    wait_until(lambda: indexed.json("GET", f"/api/jobs/{job['id']}")["step"] == "watching")
    assert indexed.json("GET", f"/api/jobs/{job['id']}")["state"] == "running"
    assert indexed.json("POST", "/api/search", json={"query": "a cat"})["hits"], "others are answered meanwhile"
    new = videos / "old" / "new.mkv"
    shutil.copy(videos / "old" / "bars.mkv", new)
    try:
        asked = {"query": "bars", "path": "old/new*"}
        hits = wait_until(lambda: indexed.json("POST", "/api/search", json=asked)["hits"])
        assert {hit["name"] for hit in hits} == {"new.mkv"}
    finally:
        new.unlink()
    assert indexed.json("POST", f"/api/jobs/{job['id']}/cancel")["state"] == "cancelled"


def test_dates_that_are_none_are_told(indexed: Server) -> None:
    answer = indexed.client.post("/api/search", json={"query": "x", "since": "yesterday"})
    assert answer.status_code == 409 and "date" in json.dumps(answer.json())
