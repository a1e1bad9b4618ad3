"""What one user has, another neither changes nor spends: every address of the API is in one of the tables here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from processes import wait_until
from server_users import Shared

Make = Callable[[httpx.Client], str]
WATCH = {"queries": ["a cat"], "threshold": 0.05, "speed": 0.01}
CLIP = {"query": "mine", "start": 0.0, "end": 1.0}


def video(client: httpx.Client, name: str = "cat.mp4") -> str:
    return next(each["id"] for each in client.get("/api/videos").json()["videos"] if each["name"] == name)


def clip(client: httpx.Client) -> str:
    job = client.post(f"/api/videos/{video(client)}/clip", json=CLIP).json()["id"]
    wait_until(lambda: client.get(f"/api/jobs/{job}").json()["state"] == "done")
    return str(job)


def watch(client: httpx.Client) -> str:
    return str(client.post("/api/watches", json=WATCH | {"video": video(client)}).json()["id"])


def shared_question(client: httpx.Client) -> str:
    made = client.post("/api/questions", json={"query": f"of {client.headers['authorization']}"[:60]})
    assert made.status_code == 201 and made.json()["owner"] is None
    return str(made.json()["id"])


def upload(client: httpx.Client) -> str:
    content = client.get(f"/api/jobs/{clip(client)}/file").content
    sent = client.post("/api/videos?name=mine.mp4", content=content, headers={"Content-Type": "video/mp4"})
    return str(sent.json()["id"])


# What belongs to the user who made it: how it is made, and what more the request needs.
OWNED: dict[str, tuple[Make, dict[str, Any]]] = {
    "POST /api/jobs/{job}/cancel": (clip, {}),
    "DELETE /api/jobs/{job}": (clip, {}),
    "POST /api/watches/{watch}/queries": (watch, {"json": {"query": "a dog"}}),
    "DELETE /api/watches/{watch}/queries": (watch, {"params": {"query": "a cat"}}),
    "POST /api/watches/{watch}/stop": (watch, {}),
    "DELETE /api/watches/{watch}": (watch, {}),
    "DELETE /api/questions/{question}": (shared_question, {}),
    "DELETE /api/videos/{video}": (upload, {}),
}
# What is saved, listed or deleted under a name: no other user's may be given.
NAMED: dict[str, dict[str, Any]] = {
    "GET /api/questions": {"params": {"owner": "ann"}},
    "POST /api/questions": {"json": {"query": "x", "owner": "ann"}},
    "PUT /api/videos/{video}/annotations": {"json": {"query": "x", "annotator": "ann", "windows": [[0.0, 1.0]]}},
    "DELETE /api/videos/{video}/annotations": {"params": {"query": "x", "annotator": "ann"}},
}
# What changes nothing that is there: it makes something new, for the user who asks and within their quota.
NEW = {
    "POST /api/session",
    "DELETE /api/session",  # of one's own cookie
    "POST /api/videos",
    "POST /api/pictures",
    "POST /api/search",
    "POST /api/batches",
    "POST /api/stringout",
    "POST /api/watches",
    "POST /api/videos/{video}/find",
    "POST /api/videos/{video}/clip",
    "POST /api/videos/{video}/copy",
    "POST /api/videos/{video}/scenes",
    "POST /api/videos/{video}/export",
    "POST /api/videos/{video}/transcript",
    "POST /api/folders/{folder}/index",  # for administrators of the whole folder
    "POST /api/folders/{folder}/watch",
}


def test_every_address_that_changes_something_is_in_a_table(shared_server: Shared) -> None:
    changing = {f"{method} {path}" for method, path, _ in shared_server.routes() if method != "GET"}
    tables = [set(OWNED), {each for each in NAMED if not each.startswith("GET")}, NEW]
    assert set.union(*tables) == changing
    assert sum(map(len, tables)) == len(changing), "an address is in two tables"


@pytest.mark.parametrize("address", OWNED)
def test_only_its_user_or_an_administrator_changes_it(shared_server: Shared, address: str) -> None:
    make, more = OWNED[address]
    method, path = address.split()
    before, _, after = path.partition("{")
    with shared_server.as_user("ann") as ann, shared_server.as_user("root") as root:

        def status(name: str, thing: str) -> int:
            with shared_server.as_user(name) as client:
                return client.request(method, before + thing + after.partition("}")[2], **more).status_code

        def changeable(name: str, thing: str) -> bool | None:
            """What the list tells of it, by which pages offer to change it; None where it is not listed."""
            with shared_server.as_user(name) as client:
                [rows] = (each for each in client.get(before.rstrip("/")).json().values() if isinstance(each, list))
            return next((row["changeable"] for row in rows if row["id"] == thing), None)

        things = [make(ann)]
        told = {name: changeable(name, things[0]) for name in ("ann", "root", "eve", "bob")}
        assert told["ann"] is told["root"] is True and told["eve"] is False and told["bob"] in {None, False}
        assert status("eve", things[0]) == 403
        assert status("bob", things[0]) in {403, 404}, "an administrator of some folders"
        assert status("ann", things[0]) in {200, 204}
        things.append(make(ann))
        assert status("root", things[1]) in {200, 204}
        for thing in things:
            root.delete(f"/api/watches/{thing}")


@pytest.mark.parametrize("address", NAMED)
def test_no_other_users_name_is_taken(shared_server: Shared, address: str) -> None:
    method, path = address.split()
    with shared_server.as_user("ann") as ann:
        place = path.replace("{video}", video(ann))
    for name in ("eve", "bob"):
        with shared_server.as_user(name) as client:
            answer = client.request(method, place, **NAMED[address])
            assert answer.status_code in ({403, 404} if name == "bob" else {403}), answer.text


def test_no_key_puts_a_job_into_anothers_batch(shared_server: Shared) -> None:
    with shared_server.as_user("ann") as ann, shared_server.as_user("eve") as eve:
        find = {"queries": ["x"], "evidence": ["said"]}
        batch = ann.post("/api/batches", json={"videos": [video(ann)], "find": find}).json()["id"]
        key = {"Idempotency-Key": f"batch {batch} {video(ann)}0"}
        assert eve.post(f"/api/videos/{video(ann)}/clip", json=CLIP, headers=key).status_code == 202
        assert [row["video"] for row in ann.get(f"/api/batches/{batch}").json()["rows"]] == [video(ann)]


def test_a_job_by_example_of_a_hidden_video_is_hidden(shared_server: Shared) -> None:
    with shared_server.as_user("root") as root, shared_server.as_user("bob") as bob:
        seen, hidden = video(root, "bars.mkv"), video(root)
        body = {"like": f"{hidden}@4", "queries": []}
        job = root.post(f"/api/videos/{seen}/find", json=body).json()
        assert "cat.mp4" in job["request"]["queries"][0], "it is called by the name of that video"
        assert bob.get(f"/api/jobs/{job['id']}").status_code == 404
        assert "cat.mp4" not in bob.get(f"/api/jobs?video={seen}").text
        assert root.delete(f"/api/jobs/{job['id']}").status_code == 200


def test_pictures_count_as_uploads(shared_server: Shared) -> None:
    with shared_server.as_user("small") as small:  # who may upload 1000 bytes
        sent = {"content": bytes(1001), "headers": {"Content-Type": "image/png"}}
        refused = small.post("/api/pictures", **sent)
        assert refused.status_code == 403 and "1001 bytes of uploads" in refused.text
