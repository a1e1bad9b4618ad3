"""The same questions asked of many videos, and questions that are kept."""

from __future__ import annotations

import csv
import io

from serving import Server


def test_a_batch_asks_each_video_once_and_is_a_table(server: Server) -> None:
    videos = [server.video("cat.mp4"), server.video("bars.mkv")]
    body = {"videos": [*videos, videos[0]], "find": {"queries": ["a cat", "says the guide"], "evidence": ["said"]}}
    key = {"Idempotency-Key": "once"}
    made = server.json("POST", "/api/batches", status=202, json=body, headers=key)
    again = server.json("POST", "/api/batches", status=202, json=body, headers=key)
    assert [row["job"] for row in made["rows"]] == [row["job"] for row in again["rows"]]
    assert [row["video"] for row in made["rows"]] == videos
    for row in made["rows"]:
        assert server.ended({"id": row["job"]})["state"] == "done"
    table = server.json("GET", f"/api/batches/{made['id']}")
    assert table["queries"] == body["find"]["queries"] and [row["name"] for row in table["rows"]] == [
        "cat.mp4",
        "bars.mkv",
    ]
    _, guide = table["rows"][0]["answers"]
    assert guide["query"] == "says the guide" and guide["moments"] == 1 and not guide["absent"]
    assert guide["first"] == [1.0, 2.0]
    assert [answer["moments"] for answer in table["rows"][1]["answers"]] == [0, 0]
    text = server.client.get(f"/api/batches/{made['id']}/moments.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["video"], row["query"], float(row["start"])) for row in rows if row["start"]] == [
        ("cat.mp4", "says the guide", 1.0)
    ]
    everything = server.client.get(f"/api/batches/{made['id']}/moments.csv?only=all")
    assert everything.status_code == 200 and len(everything.content) >= len(text)
    assert server.client.get(f"/api/batches/{made['id']}/moments.csv?only=most").status_code == 422
    listed = server.json("GET", "/api/batches")["batches"]
    assert (listed[0]["id"], listed[0]["videos"]) == (made["id"], 2)


def test_a_batch_is_put_whole_or_not_at_all(server: Server) -> None:
    body = {"videos": [server.video("cat.mp4"), "unknown"], "find": {"queries": ["a cat"]}}
    before = server.json("GET", "/api/jobs")["jobs"]
    assert "no such video" in server.json("POST", "/api/batches", status=404, json=body)["error"]
    assert server.json("GET", "/api/jobs")["jobs"] == before
    assert server.client.get("/api/batches/unknown").status_code == 404


def test_questions_are_kept_for_one_or_for_all(server: Server) -> None:
    mine = server.json("POST", "/api/questions", status=201, json={"query": "a goal", "owner": "Ada"})
    assert server.json("POST", "/api/questions", status=201, json={"query": "a goal", "owner": "Ada"}) == mine
    shared = server.json("POST", "/api/questions", status=201, json={"query": "a goal"})
    assert server.json("GET", "/api/questions?owner=Ada")["questions"] == [mine, shared]
    assert server.json("GET", "/api/questions?owner=Bo")["questions"] == [shared]
    for question in (mine, shared):
        assert server.client.delete(f"/api/questions/{question['id']}").status_code == 204
    assert server.client.delete(f"/api/questions/{mine['id']}").status_code == 404
    assert server.json("GET", "/api/questions?owner=Ada")["questions"] == []
