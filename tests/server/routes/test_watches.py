"""Watches over HTTP: only of served videos and allowed addresses, followed live, with queries that come and go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from processes import wait_until
from serving import Server, serving

CAT = {"queries": ["a cat"], "threshold": 0.05, "speed": 50}


def ended(server: Server, watch: dict[str, Any]) -> dict[str, Any]:
    """The last that its server-sent events say."""
    with server.client.stream("GET", f"/api/watches/{watch['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:")]
    last: dict[str, Any] = told[-1]
    return last


def test_a_video_is_watched_to_its_end(server: Server, videos: Path) -> None:
    hostile = "<script>alert(1)</script>"
    body = CAT | {"video": server.video("cat.mp4"), "queries": ["a cat", hostile]}
    watch = server.json("POST", "/api/watches", status=201, json=body)
    last = ended(server, watch)
    assert (last["state"], last["error"], last["source"]) == ("ended", None, "cat.mp4")
    assert [each["query"] for each in last["queries"]] == ["a cat", hostile]
    assert last["clock"] == pytest.approx(8, abs=1)
    events = [row for row in last["told"] if row["type"] == "event" and row["query"] == "a cat"]
    assert {row["state"] for row in events} >= {"started", "ended"}, last["told"]
    assert last["queries"][0]["moments"] >= 1 and last["queries"][0]["since"] is None
    assert last["told"][-1]["wall"] is not None or last["told"][-1]["type"] == "event"
    assert str(videos) not in json.dumps(last)
    assert watch["id"] in [each["id"] for each in server.json("GET", "/api/watches")["watches"]]
    server.json("DELETE", f"/api/watches/{watch['id']}", status=200)
    assert server.client.get(f"/api/watches/{watch['id']}").status_code == 404


def test_queries_come_and_go_and_a_watch_is_stopped(server: Server) -> None:
    watch = server.json(
        "POST", "/api/watches", status=201, json=CAT | {"video": server.video("cat.mp4"), "speed": 0.01}
    )
    place = f"/api/watches/{watch['id']}"
    added = server.json("POST", f"{place}/queries", status=200, json={"query": "a dog & a bone"})
    assert [each["query"] for each in added["queries"]] == ["a cat", "a dog & a bone"]
    assert server.client.post(f"{place}/queries", json={"query": "a cat"}).status_code == 409
    assert server.client.post(f"{place}/queries", json={"query": " "}).status_code == 422
    removed = server.json("DELETE", f"{place}/queries", status=200, params={"query": "a cat"})
    assert [each["query"] for each in removed["queries"]] == ["a dog & a bone"]
    assert server.client.delete(f"{place}/queries", params={"query": "a cat"}).status_code == 409
    server.json("POST", f"{place}/stop", status=200)
    last = ended(server, watch)
    assert last["state"] == "ended" and last["error"] is None
    assert server.client.post(f"{place}/queries", json={"query": "too late"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"queries": ["a cat"]}, 409),
        ({"queries": ["a cat"], "url": "http://127.0.0.1:1/live", "video": "x"}, 409),
        ({"queries": ["a cat"], "video": "nothing"}, 404),
        ({"queries": ["a cat"], "url": "http://127.0.0.1:1/live"}, 403),
        ({"queries": ["a cat"], "url": "file:///etc/passwd"}, 403),
        ({"queries": ["a cat"], "url": "/etc/passwd"}, 403),
        ({"queries": [], "video": "x"}, 422),
        ({"queries": ["a cat"], "video": "x", "clips": "/tmp"}, 422),
        ({"queries": ["a cat"], "video": "x", "webhook": "http://127.0.0.1"}, 422),
        ({"queries": ["a cat"], "video": "../../etc/passwd"}, 422),
    ],
    ids=str,
)
def test_what_may_not_be_watched_is_refused(server: Server, body: dict[str, Any], status: int) -> None:
    answer = server.client.post("/api/watches", json=body)
    assert answer.status_code == status and answer.json()["error"], answer.text


def test_allowed_addresses_are_watched_a_few_at_once(videos: Path, tmp_path: Path) -> None:
    allowed = "http://127.0.0.1:9/live"
    with serving(videos / "old", "--data", tmp_path / "data", "--allow-stream", allowed) as server:
        assert server.json("GET", "/api/about")["streams"] is True
        body = {"queries": ["a cat"], "url": f"{allowed}/camera?password=secret"}
        assert server.client.post("/api/watches", json=body | {"url": "http://127.0.0.1:9/other"}).status_code == 403
        watches = [server.json("POST", "/api/watches", status=201, json=body) for _ in range(4)]
        assert server.client.post("/api/watches", json=body).status_code == 429
        server.json("POST", f"/api/watches/{watches[0]['id']}/stop", status=200)
        wait_until(lambda: server.json("GET", f"/api/watches/{watches[0]['id']}")["state"] != "running")
        server.json("POST", "/api/watches", status=201, json=body)
        assert "secret" not in server.client.get("/api/watches").text
    assert not [line for line in server.said if "Traceback" in line], "".join(server.said)
