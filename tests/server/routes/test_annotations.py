"""Corrections are saved, compared, and at once usable by the readers of benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from serving import Server
from typer.testing import CliRunner

from whenabouts.benchmarks.annotations import read_annotations
from whenabouts.cli.app import app
from whenabouts.training.post.samples import read_samples, with_files


def put(server: Server, query: str, annotator: str, windows: list[list[float]], status: int = 200) -> None:
    video = server.video("cat.mp4")
    body = {"query": query, "annotator": annotator, "windows": windows}
    server.json("PUT", f"/api/videos/{video}/annotations", status=status, json=body)


def test_annotations_compare_and_evaluate(server: Server, tmp_path: Path) -> None:
    video = server.video("cat.mp4")
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


@pytest.fixture
def exported(server: Server, tmp_path: Path) -> Path:
    """What an annotator corrected on two videos, as the page exports it: annotations.jsonl in a folder of its own."""
    for name, query, windows in (("cat.mp4", "a cat", [[3, 6]]), ("bars.mkv", "bars", [[0, 1], [1.5, 2]])):
        body = {"query": query, "annotator": "zoe", "windows": windows}
        server.json("PUT", f"/api/videos/{server.video(name)}/annotations", status=200, json=body)
    body = {"query": "a dog", "annotator": "zoe", "windows": []}
    server.json("PUT", f"/api/videos/{server.video('cat.mp4')}/annotations", status=200, json=body)
    path = tmp_path / "annotations.jsonl"
    path.write_bytes(server.client.get("/api/annotations.jsonl?annotator=zoe").content)
    return path


def test_corrections_are_a_benchmark_of_their_own(exported: Path) -> None:
    rows = {row.query: row for row in read_annotations(exported)}
    assert rows["bars"].relevant_windows == ((0.0, 1.0), (1.5, 2.0))
    assert (rows["bars"].vid, rows["bars"].video, rows["bars"].annotator) == ("bars", "old/bars.mkv", "zoe")
    assert rows["a dog"].relevant_windows == (), "an annotator said that it does not happen"
    guess = exported.with_name("guess.jsonl")
    found = {"a cat": [[3, 6, 0.9]], "bars": [[0, 1, 0.9], [1.5, 2, 0.8]], "a dog": []}
    guess.write_text(
        "".join(
            json.dumps({"qid": row.qid, "query": q, "vid": row.vid, "pred_relevant_windows": found[q]}) + "\n"
            for q, row in rows.items()
        )
    )
    done = CliRunner().invoke(app, ["evaluate", str(guess), "--benchmark", str(exported), "--json"])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)["scores"]) and "100" in done.stdout


def test_corrections_are_samples_for_curate_and_post_train(exported: Path, videos: Path) -> None:
    samples = with_files(read_samples(exported), videos)  # as both commands read --data and --videos
    assert {one.query: one.windows for one in samples}["a cat"] == ((3.0, 6.0),)
    assert {one.video for one in samples} == {"cat.mp4", "old/bars.mkv"}
    assert all((videos / one.video).is_file() and one.target.duration > 1 for one in samples)


def test_corrections_train_a_head(exported: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    features, drawn = tmp_path / "features", np.random.default_rng(0)
    (features / "text").mkdir(parents=True)
    for row in read_annotations(exported):
        np.save(features / f"{row.vid}.npy", drawn.normal(size=(8, 16)).astype(np.float32))
        np.save(features / "text" / f"{row.qid}.npy", drawn.normal(size=(4, 16)).astype(np.float32))
    options = {"--benchmark": "own", "--data": tmp_path, "--features": features, "--size": "small", "--epochs": 1}
    arguments = ["train", "moment-detr", "--every", "1", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, [*arguments, *(str(each) for pair in options.items() for each in pair)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "run" / "best.pt").is_file()


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


def test_nobody_replaces_what_they_have_not_seen(server: Server) -> None:
    place = f"/api/videos/{server.video('cat.mp4')}/annotations"

    def save(end: float, **headers: str) -> tuple[int, str]:
        body = {"query": "seen", "annotator": "vera", "windows": [[0, end]]}
        answer = server.client.put(place, json=body, headers={n.replace("_", "-"): v for n, v in headers.items()})
        return answer.status_code, answer.headers.get("etag", answer.text)

    def saved() -> list[float]:
        told = server.json("GET", place)["annotations"]
        return [each["windows"][0][1] for each in told if each["annotator"] == "vera"]

    assert save(1, If_Match='"1"')[0] == 412 and "deleted meanwhile" in save(1, If_Match="*")[1]
    status, first = save(1, If_None_Match="*")
    assert status == 200
    assert save(2)[0] == 428 and "If-Match" in save(2)[1]
    assert save(2, If_None_Match="*")[0] == 412
    status, second = save(2, If_Match=first)
    assert status == 200 and second != first
    assert save(3, If_Match=first) == (412, second), "the ETag says which version there is"
    assert save(3, If_Match=f"W/{second}")[0] == 412 and saved() == [2]
    assert save(2, If_Match=first) == (200, second), "sent again, as its answer was lost"
    assert save(4, If_Match=f'"0", {second}')[0] == 200

    params = {"query": "seen", "annotator": "vera"}
    assert server.client.delete(place, params=params).status_code == 428
    assert server.client.delete(place, params=params, headers={"If-Match": second}).status_code == 412
    assert saved() == [4]
    assert server.client.delete(place, params=params, headers={"If-Match": "*"}).status_code == 200
    assert saved() == [] and server.client.delete(place, params=params).status_code == 404
    assert save(4, If_Match=second)[0] == 412 and saved() == []


def test_an_annotation_says_what_it_corrects(server: Server) -> None:
    video = server.video("cat.mp4")
    asked = {"queries": ["a guide"], "evidence": ["said"]}
    job = server.ended(server.json("POST", f"/api/videos/{video}/find", json=asked))
    [answer] = job["result"]["predictions"]
    pairs = [[each["start"], each["end"]] for each in answer["moments"]]

    def save(windows: list[list[float]], kind: str, status: int = 200, **more: str) -> dict[str, object]:
        body = {"query": "a guide", "annotator": "pia", "windows": windows, **more}
        body["window_provenance"] = [kind for _ in windows]
        path = f"/api/videos/{video}/annotations"
        told: dict[str, object] = server.json("PUT", path, status=status, json=body, headers={"If-Match": "*"})
        return told

    server.json(
        "PUT", f"/api/videos/{video}/annotations", json={"query": "a guide", "annotator": "pia", "windows": [[0, 1]]}
    )
    assert save(pairs, "confirmed", job=job["id"])["provenance"] == "confirmed"
    assert save([[0, 2]], "edited", job=job["id"]).items() >= {"provenance": "edited", "job": job["id"]}.items()
    lines = server.client.get("/api/annotations.jsonl?annotator=pia").text.splitlines()
    [row] = map(json.loads, lines)
    assert row["corrects"]["receipt"] == answer["receipt"] and [m[:2] for m in row["corrects"]["moments"]] == pairs
    assert save([[0, 2]], "model", job=job["id"])["provenance"] == "model"
    for kinds, lines_told in ("edited", 0), ("model", 1):
        told = server.client.get(f"/api/annotations.jsonl?annotator=pia&provenance={kinds}").text
        assert len(told.splitlines()) == lines_told
    queries = {each["query"]: each for each in server.json("GET", f"/api/videos/{video}/agreement")["queries"]}
    assert "a guide" not in queries, "what nobody has checked is no opinion of a person"
    clip = server.json("POST", f"/api/videos/{video}/clip", json={"start": 0, "end": 1})
    assert "no find on this video" in str(save([[0, 2]], "edited", 409, job=clip["id"])["error"])
    assert save([[0, 3]], "edited", job="gone")["job"] == "gone"
    server.json("DELETE", f"/api/jobs/{clip['id']}")


def test_followers_are_told_of_every_change(server: Server) -> None:
    place = f"/api/videos/{server.video('cat.mp4')}/annotations"
    body = {"query": "followed", "annotator": "fay", "windows": [[0, 1]]}
    with server.client.stream("GET", f"{place}/events") as events:
        lists = (json.loads(line[5:])["annotations"] for line in events.iter_lines() if line.startswith("data:"))
        mine = ([each["windows"] for each in told if each["annotator"] == "fay"] for told in lists)
        assert next(mine) == []
        server.json("PUT", place, status=200, json=body)
        assert next(mine) == [[[0, 1]]]
        params = {"query": "followed", "annotator": "fay"}
        assert server.client.delete(place, params=params, headers={"If-Match": "*"}).status_code == 200
        assert next(mine) == []
