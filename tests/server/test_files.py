"""Stringouts, transcripts, contact sheets and names of clips over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from media import draw
from serving import Server, serving
from subtitled import video as subtitled_video

pytest.importorskip("fastapi", reason="the extra serve is not installed")

LINES = [(1.0, 2.0, "ANNA: The budget was approved."), (2.6, 3.4, "Nobody reads it.")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, data = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("data")
    pictures = [draw(0 if number < 50 else 65535) for number in range(100)]
    for name in ("one.mp4", "two.mp4"):
        subtitled_video(
            folder / name, seconds=4, fps=25, pictures=pictures, encoder="libx264", codec="mov_text", lines=LINES
        )
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


def answers(presence: float | None = None) -> list[dict[str, Any]]:
    moments = [{"start": 1.0, "end": 2.0, "score": 0.5}]
    return [{"query": "a dog", "duration": 4.0, "moments": moments, "presence": presence}]


def test_two_videos_make_one_stringout(server: Server) -> None:
    videos = [{"video": server.video(name), "predictions": answers()} for name in ("one.mp4", "two.mp4")]
    body = {"format": "edl", "videos": videos, "handles": 0.2}
    answer = server.client.post("/api/stringout", json=body)
    assert answer.status_code == 200, answer.text
    assert 'filename="selects.edl"' in answer.headers["content-disposition"]
    rows = [line.split()[1:3] + line.split()[4:6] for line in answer.text.splitlines() if line[:3].isdigit()]
    assert rows == [[reel, "V", "00:00:00:20", "00:00:02:05"] for reel in ("ONE", "TWO")]
    otio = server.client.post("/api/stringout", json={**body, "format": "otio"}).json()
    clip = otio["tracks"]["children"][0]["children"][0]
    assert clip["media_references"]["DEFAULT_MEDIA"]["target_url"] == "file:///one.mp4"


def test_a_stringout_of_nothing_is_one_sentence(server: Server) -> None:
    videos = [{"video": server.video("one.mp4"), "predictions": answers(presence=0.1)}]
    told = server.json("POST", "/api/stringout", status=409, json={"format": "edl", "videos": videos})
    assert "the queries are probably not in this video" in told["error"]
    assert server.json(
        "POST", "/api/stringout", status=404, json={"format": "edl", "videos": [{**videos[0], "video": "x"}]}
    )
    assert server.json("POST", "/api/stringout", status=422, json={"format": "srt", "videos": videos})


def test_a_transcript_is_made_of_the_known_words(server: Server) -> None:
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    path = f"/api/videos/{server.video('one.mp4')}/transcript"
    text = server.client.post(path, json={"predictions": answers()}).text
    assert "[00:00:01:00] ANNA\n»The budget was approved.« Nobody reads it.\n" in text
    for format, begins in (("docx", b"PK"), ("pdf", b"%PDF")):
        answer = server.client.post(path, json={"format": format, "predictions": answers()})
        assert answer.content.startswith(begins) and f"one.{format}" in answer.headers["content-disposition"]
    odd = server.client.post(path, json={"format": "pdf", "predictions": [{**answers()[0], "query": "שלום"}]})
    assert "from right to left" in json.loads(unquote(odd.headers["whenabouts-notes"]))[0]


def test_a_contact_sheet_is_a_job_with_a_file(server: Server, tmp_path: Path) -> None:
    job = server.json("POST", f"/api/videos/{server.video('one.mp4')}/scenes", status=202, json={})
    ended = server.ended(job)
    assert ended["state"] == "done", ended
    page = server.client.get(ended["result"]["file"])
    assert page.headers["content-type"] == "application/octet-stream"  # saved, never shown by this origin
    assert "one.html" in page.headers["content-disposition"] and page.text.count("<li>") == 2
    assert "<title>one.mp4</title>" in page.text
    server.client.delete(f"/api/jobs/{job['id']}")
    assert not list((server.data / "clips").glob(f"{job['id']}*"))


def test_a_clip_is_named_by_a_template(server: Server) -> None:
    path = f"/api/videos/{server.video('one.mp4')}/clip"
    body = {"start": 1.0, "end": 2.0, "query": "A dog?", "name": "{video}_{query}_{start}"}
    ended = server.ended(server.json("POST", path, status=202, json=body))
    head = server.client.head(ended["result"]["file"])
    assert 'filename="one_a-dog_1.00.mp4"' in head.headers["content-disposition"]
    told = server.json("POST", path, status=422, json={**body, "name": "{nummer}"})
    assert "unknown field 'nummer'; choose from: video, number" in told["error"]
