"""Who was granted one folder learns nothing of the others, at any address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from processes import LIMIT, wait_until
from server_users import Shared

SECRET = "zebrafish"  # in everything that bob must not learn of


@pytest.fixture(scope="module")
def hidden(shared_server: Shared) -> Iterator[dict[str, str]]:
    """Ids of what root and ann have, on a video that bob may not see."""
    with shared_server.as_user("root") as root:
        video = next(each["id"] for each in root.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        folder = root.get("/api/about").json()["folders"][0]["id"]
        clip = {"query": SECRET, "start": 0.0, "end": 1.0}
        job = root.post(f"/api/videos/{video}/clip", json=clip).json()["id"]
        indexed = root.post(f"/api/folders/{folder}/index", json={}).json()["id"]
        for each in (job, indexed):
            wait_until(lambda each=each: root.get(f"/api/jobs/{each}").json()["state"] == "done")
        correction = {"query": SECRET, "annotator": "root", "windows": [[1.0, 2.0]]}
        assert root.put(f"/api/videos/{video}/annotations", json=correction).status_code == 200
        watch = root.post("/api/watches", json={"video": video, "queries": [SECRET]}).json()["id"]
        batch = {"videos": [video], "find": {"queries": [SECRET], "evidence": ["said"]}}
        batch_id = root.post("/api/batches", json=batch).json()["id"]
        assert root.post("/api/questions", json={"query": SECRET, "owner": "root"}).status_code == 201
        with shared_server.as_user("ann") as ann:
            question = ann.post("/api/questions", json={"query": SECRET, "owner": "ann"}).json()["id"]
        ids = {
            "{video}": video,
            "{job}": job,
            "{folder}": folder,
            "{watch}": watch,
            "{batch}": batch_id,
            "question": question,
        }
        yield ids | {"index": indexed}
        root.delete(f"/api/watches/{watch}")


def asked(client: httpx.Client, method: str, path: str) -> tuple[int, str]:
    """The answer, however long it is: a stream of events is read until it ends."""
    body: dict[str, Any] = {} if method == "GET" else {"json": {"query": "the guide", "top": 50}}
    answer = client.request(method, path, **body, timeout=LIMIT)
    return answer.status_code, answer.text


def test_every_address_of_a_hidden_thing_is_answered_as_if_there_were_none(
    shared_server: Shared, hidden: dict[str, str]
) -> None:
    with shared_server.as_user("bob") as bob:
        tried = 0
        for method, path, _ in shared_server.routes():
            names = [name for name in hidden if name in path and name[0] == "{"]
            for name in names:
                there = asked(bob, method, path.replace(name, hidden[name]))
                missing = asked(bob, method, path.replace(name, "x"))
                if name == "{folder}":  # its name is seen, as a part of it is
                    assert there[0] == 403, (method, path)
                else:
                    assert there == missing and there[0] == 404, (method, path)
                tried += 1
        assert tried > 25
        assert bob.get(f"/api/jobs/{hidden['index']}").status_code == 404, "it names every video of the folder"


def test_no_list_tells_of_it(shared_server: Shared, hidden: dict[str, str]) -> None:
    secrets = (SECRET, "cat.mp4", hidden["{video}"], hidden["{job}"], hidden["{watch}"], hidden["{batch}"])
    with shared_server.as_user("bob") as bob, shared_server.as_user("root") as root:
        seen_by_root = ""
        for method, path, _ in shared_server.routes():
            if "{" in path or path == "/api/session":
                continue
            _, text = asked(bob, method, path)
            assert not [secret for secret in secrets if secret in text], (method, path)
            seen_by_root += asked(root, method, path)[1]
        assert all(secret in seen_by_root for secret in secrets)
        for path in ("/api/audit", "/api/audit.jsonl", "/metrics", "/api/questions?owner=ann"):
            assert bob.get(path).status_code == 403, path
        assert [each["name"] for each in bob.get("/api/videos").json()["videos"]] == ["bars.mkv"]


def test_a_search_of_the_library_finds_only_what_is_granted(shared_server: Shared, hidden: dict[str, str]) -> None:
    query = {"query": "the guide"}
    with shared_server.as_user("root") as root, shared_server.as_user("bob") as bob:
        of_root, of_bob = (client.post("/api/search", json=query).json()["hits"] for client in (root, bob))
        assert {hit["name"] for hit in of_root} == {"cat.mp4", "bars.mkv"}
        assert {hit["name"] for hit in of_bob} == {"bars.mkv"}


def test_no_work_on_a_hidden_video_can_be_started(shared_server: Shared, hidden: dict[str, str]) -> None:
    with shared_server.as_user("bob") as bob:
        batch = {"videos": [hidden["{video}"]], "find": {"queries": ["x"]}}
        assert bob.post("/api/batches", json=batch).status_code == 404
        watch = {"video": hidden["{video}"], "queries": ["x"]}
        assert bob.post("/api/watches", json=watch).status_code == 404
        stream = {"url": "rtsp://camera.lan/", "queries": ["x"]}
        assert bob.post("/api/watches", json=stream).status_code == 403


def test_an_upload_is_its_users_own(shared_server: Shared, hidden: dict[str, str]) -> None:
    with (
        shared_server.as_user("bob") as bob,
        shared_server.as_user("ann") as ann,
        shared_server.as_user("root") as root,
    ):
        video = next(each for each in bob.get("/api/videos").json()["videos"])
        content = bob.get(f"/api/videos/{video['id']}/stream")
        if content.status_code != 200:
            content = root.get(f"/api/jobs/{hidden['{job}']}/file")
        sent = {"content": content.content, "headers": {"Content-Type": "video/mp4"}}
        of_root = root.post("/api/videos?name=mine.mp4", **sent).json()["id"]
        of_bob = bob.post("/api/videos?name=bobs.mp4", **sent).json()["id"]
        names = {each["name"] for each in bob.get("/api/videos").json()["videos"]}
        assert names == {"bars.mkv", "bobs.mp4"}
        assert ann.delete(f"/api/videos/{of_bob}").status_code == 403, "it is another user's"
        assert root.delete(f"/api/videos/{of_root}").status_code == 204
        assert bob.delete(f"/api/videos/{of_bob}").status_code == 204


def test_who_administers_some_folders_does_not_change_what_others_own(
    shared_server: Shared, hidden: dict[str, str]
) -> None:
    with shared_server.as_user("bob") as bob, shared_server.as_user("root") as root:
        assert "administer" in bob.get("/api/about").json()["user"]["scopes"]
        assert bob.post("/api/questions", json={"query": "x", "owner": "ann"}).status_code == 403
        assert bob.delete(f"/api/questions/{hidden['question']}").status_code == 403
        assert [each["query"] for each in root.get("/api/questions?owner=ann").json()["questions"]] == [SECRET]
        [video] = [each["id"] for each in root.get("/api/videos").json()["videos"] if each["name"] == "bars.mkv"]
        body = {"query": "x", "start": 0.0, "end": 1.0}
        job = root.post(f"/api/videos/{video}/clip", json=body).json()["id"]
        assert bob.delete(f"/api/jobs/{job}").status_code == 403, "bob sees the video, but the job is root's"


def test_a_correction_does_not_tell_whether_there_is_a_hidden_job(
    shared_server: Shared, hidden: dict[str, str]
) -> None:
    with shared_server.as_user("bob") as bob:
        [video] = [each["id"] for each in bob.get("/api/videos").json()["videos"] if each["name"] == "bars.mkv"]
        told = []
        for job in (hidden["{job}"], "never"):
            body = {"query": f"of {job}", "annotator": "bob", "windows": [[0.0, 1.0]], "job": job}
            saved = bob.put(f"/api/videos/{video}/annotations", json=body)
            row = next(line for line in bob.get("/api/annotations.jsonl").text.splitlines() if job in line)
            told.append((saved.status_code, saved.json()["job"] == job, json.loads(row)["corrects"] == {"job": job}))
        assert told == [(200, True, True)] * 2, "the name alone, as of one that was deleted"


def test_only_its_user_or_an_administrator_ends_a_job(shared_server: Shared, hidden: dict[str, str]) -> None:
    with shared_server.as_user("ann") as ann, shared_server.as_user("root") as root:
        clip = {"query": "mine", "start": 0.0, "end": 1.0}
        of_root = root.post(f"/api/videos/{hidden['{video}']}/clip", json=clip).json()["id"]
        assert ann.delete(f"/api/jobs/{of_root}").status_code == 403
        of_ann = ann.post(f"/api/videos/{hidden['{video}']}/clip", json=clip).json()["id"]
        assert root.delete(f"/api/jobs/{of_ann}").status_code == 200
        assert root.delete(f"/api/jobs/{of_root}").status_code == 200
