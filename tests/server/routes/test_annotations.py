"""Corrections are saved, compared, and at once usable by the readers of benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from serving import Server


def put(server: Server, query: str, annotator: str, windows: list[list[float]], status: int = 200) -> None:
    video = server.video("cat.mp4")
    body = {"query": query, "annotator": annotator, "windows": windows}
    server.json("PUT", f"/api/videos/{video}/annotations", status=status, json=body)


def test_annotations_replace_compare_and_evaluate(server: Server, tmp_path: Path) -> None:
    video = server.video("cat.mp4")
    put(server, "a cat", "ann", [[0, 1]])
    put(server, "a cat", "ann", [[3, 6], [7, 99]])
    put(server, "a cat", "bob", [[3, 6]])
    put(server, "a dog", "bob", [])
    told = server.json("GET", f"/api/videos/{video}/annotations")["annotations"]
    assert [(each["query"], each["annotator"]) for each in told] == [
        ("a cat", "ann"),
        ("a cat", "bob"),
        ("a dog", "bob"),
    ]
    duration = server.json("GET", f"/api/videos/{video}")["duration"]
    assert told[0]["windows"] == [[3, 6], [7, duration]], "an end beyond the video is the video's end"
    agreement = server.json("GET", f"/api/videos/{video}/agreement")
    assert agreement["mean"] == pytest.approx(0.5)
    assert [(each["query"], each["tiou"]) for each in agreement["queries"]] == [("a cat", 0.5), ("a dog", None)]
    lines = server.client.get("/api/annotations.jsonl?annotator=ann").text
    assert [json.loads(line)["vid"] for line in lines.splitlines()] == ["cat"]
    truth, guess = tmp_path / "truth.jsonl", tmp_path / "guess.jsonl"
    truth.write_text(lines)
    row = json.loads(lines)
    guess.write_text(
        json.dumps({"qid": row["qid"], "query": "a cat", "vid": "cat", "pred_relevant_windows": [[3, 6, 0.9]]})
    )
    command = [sys.executable, "-m", "whenabouts", "evaluate", guess, "--benchmark", "qvhighlights"]
    done = subprocess.run(
        [*map(str, command), "--ground-truth", str(truth), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "100" in done.stdout or "1.0" in done.stdout


@pytest.mark.parametrize("windows", [[[-1, 2]], [[0, 1e308]], [[1]], [[1, 2, 3]], [["0", 1]], 3])
def test_what_are_no_windows_is_refused(server: Server, windows: list[list[float]]) -> None:
    put(server, "x", "eve", windows, status=422)


@pytest.mark.parametrize("windows", [[[3, 3]], [[5, 4]], [[100, 200]]])
def test_windows_that_are_not_in_the_video_are_refused(server: Server, windows: list[list[float]]) -> None:
    put(server, "x", "eve", windows, status=409)


def test_annotations_and_jobs_of_a_deleted_upload_go_with_it(server: Server, videos: Path) -> None:
    video = server.json(
        "POST",
        "/api/videos?name=mine.mp4",
        content=(videos / "cat.mp4").read_bytes(),
        headers={"Content-Type": "video/mp4"},
        status=201,
    )["id"]
    body = {"query": "mine only", "annotator": "ann", "windows": [[0, 1]]}
    server.json("PUT", f"/api/videos/{video}/annotations", status=200, json=body)
    assert "mine only" in server.client.get("/api/annotations.jsonl").text
    clip = server.ended(server.json("POST", f"/api/videos/{video}/clip", json={"start": 0, "end": 1}))
    assert len(list((server.data / "clips").glob(f"{clip['id']}*"))) == 1
    assert server.client.delete(f"/api/videos/{video}").status_code == 204
    assert server.client.get(f"/api/jobs/{clip['id']}").status_code == 404
    assert not list((server.data / "clips").glob(f"{clip['id']}*"))
    assert "mine only" not in server.client.get("/api/annotations.jsonl").text
