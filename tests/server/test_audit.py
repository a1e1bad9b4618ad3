"""The audit log tells who did what; it only grows, and holds no secret."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from server_users import Shared

pytest.importorskip("fastapi")

from whenabouts.server.audit import REFUSALS_A_MINUTE, AuditLog


def test_it_tells_who_did_what(shared_server: Shared) -> None:
    with shared_server.as_user("ann") as ann, shared_server.as_user("root") as root:
        last = max((row["number"] for row in root.get("/api/audit").json()["rows"]), default=0)
        token = shared_server.tokens["ann"]
        with shared_server.as_user(None) as browser:
            browser.post("/api/session", json={"token": token})
            browser.delete("/api/session")
            browser.post("/api/session", json={"token": "a wrong one"})
        video = next(each["id"] for each in ann.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        job = ann.post(f"/api/videos/{video}/find", json={"queries": ["a guide"], "evidence": ["said"]}).json()["id"]
        correction = {"query": "only in the audit log", "annotator": "ann", "windows": []}
        assert ann.put(f"/api/videos/{video}/annotations", json=correction).status_code == 200
        ann.get("/api/annotations.jsonl")
        ann.delete(f"/api/jobs/{job}")
        rows = [row for row in reversed(root.get("/api/audit").json()["rows"]) if row["number"] > last]
        rows = [row for row in rows if row["action"] != "refused"]  # of those, so many were written before
        did = [(row["user"], row["action"]) for row in rows]
        assert did == [
            *[(None, "logged in"), ("ann", "logged out"), ("ann", "asked"), ("ann", "corrected")],
            *[("ann", "exported"), ("ann", "deleted")],
        ]
        assert [row["detail"].get("queries") for row in rows[2:]] == [
            *[["a guide"], ["only in the audit log"], None, ["a guide"]],
        ]
        assert rows[0]["detail"]["user"] == "ann" and rows[0]["client"] == "127.0.0.1"
        assert rows[2]["detail"] == {
            **{"video": video, "name": "cat.mp4", "job": job, "kind": "find"},
            "queries": ["a guide"],
        }
        exported = root.get("/api/audit.jsonl").text.splitlines()
        assert all(row in map(json.loads, exported) for row in rows)
        mine = root.get("/api/audit", params={"user": "ann", "action": "corrected", "limit": 1}).json()["rows"]
        assert [(row["user"], row["action"]) for row in mine] == [("ann", "corrected")]
        kept = (shared_server.server.data / "audit.sqlite").read_bytes()
        kept += (shared_server.server.data / "audit.sqlite-wal").read_bytes()
        assert not [token for token in shared_server.tokens.values() if token.encode() in kept]
        assert b"a wrong one" not in kept


def test_it_tells_on_which_video_and_with_which_queries(shared_server: Shared) -> None:
    def asked(client: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
        status = client.request(method, path, **more).status_code
        with shared_server.as_user("root") as root:
            row = root.get("/api/audit?limit=1").json()["rows"][0]
        assert row["status"] == status
        return {"action": row["action"], "request": row["request"], **row["detail"]}

    with shared_server.as_user("root") as root:
        shared_server.server.client.headers.update(root.headers)
        folder = root.get("/api/about").json()["folders"][0]["id"]
        shared_server.server.ended(root.post(f"/api/folders/{folder}/index", json={}).json())
    with shared_server.as_user("ann") as ann, shared_server.as_user("bob") as bob:
        video = next(each["id"] for each in ann.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        predictions = [{"query": "q", "duration": 8.0, "moments": [{"start": 1.0, "end": 2.0}]}]
        assert asked(ann, "POST", "/api/search", json={"query": "q"}) == {
            **{"action": "asked", "request": "POST /api/search"},
            "queries": ["q"],
        }
        watch = asked(ann, "POST", "/api/watches", json={"video": video, "queries": ["q"]})
        assert watch == {
            **{"action": "asked", "request": "POST /api/watches", "video": video},
            **{"queries": ["q"], "name": "cat.mp4"},
        }
        running = ann.get("/api/watches").json()["watches"][0]["id"]
        more = asked(ann, "POST", f"/api/watches/{running}/queries", json={"query": "r"})
        assert (more["video"], more["queries"]) == (video, ["r"])
        gone = asked(ann, "DELETE", f"/api/watches/{running}")
        assert gone["action"] == "deleted" and (gone["video"], gone["queries"]) == (video, ["q", "r"])
        stringout = {"format": "edl", "videos": [{"video": video, "predictions": predictions}]}
        assert asked(ann, "POST", "/api/stringout", json=stringout) == {
            **{"action": "exported", "request": "POST /api/stringout"},
            **{"videos": ["cat.mp4"], "queries": ["q"]},
        }
        export = asked(ann, "POST", f"/api/videos/{video}/export", json={"format": "csv", "predictions": predictions})
        assert (export["action"], export["name"], export["queries"]) == ("exported", "cat.mp4", ["q"])
        stream = asked(bob, "POST", "/api/watches", json={"url": "rtsp://secret.lan/", "queries": ["q"]})
        assert (stream["action"], stream["queries"]) == ("refused", ["q"]) and "secret" not in str(stream)
    with shared_server.as_user(None) as stranger:
        stranger.headers["Authorization"] = "Bearer wrong"
        refused = asked(stranger, "GET", f"/api/videos/{video}/stream")
        assert refused == {"action": "refused", "request": "GET /api/videos/{video}/stream", "video": video}
        assert asked(stranger, "GET", "/" + "x" * 999) == {"action": "refused", "request": "GET /" + "x" * 199}


def test_no_row_is_changed_or_deleted(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite")
    log.add("ann", "127.0.0.1", "asked", "POST /api/search", 200, {})
    log.close()
    with sqlite3.connect(tmp_path / "audit.sqlite") as database:
        for statement in (
            "update audit set user = 'bob'",
            "delete from audit",
            "replace into audit select * from audit",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                database.execute(statement)


def test_refusals_cannot_fill_the_disk(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite")
    for _ in range(2 * REFUSALS_A_MINUTE + 50):
        log.add(None, "1.2.3.4", "refused", "GET /api/videos", 401, {})
    assert len(log.newest(limit=1000)) <= 2 * REFUSALS_A_MINUTE  # two, where the minute ends meanwhile
    log.close()
