"""Jobs over HTTP: followed live, cancelled, asked twice, and honest about what went wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from media import read_number
from processes import wait_until
from serving import Server, serving

from whenabouts.video import Video


def events(server: Server, job: str, told: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """What is said of a job until it has ended, added to `told` as it comes."""
    told = [] if told is None else told
    with server.client.stream("GET", f"/api/jobs/{job}/events", headers={"Last-Event-ID": "7"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data:"):
                told.append(json.loads(line[5:]))
    return told


def test_a_find_is_followed_to_its_answer(server: Server, videos: Path) -> None:
    video = server.video("cat.mp4")
    asked = {"queries": ["a cat", "<script>alert(1)</script>"], "evidence": ["seen", "said"], "top": 2}
    job = server.json("POST", f"/api/videos/{video}/find", status=202, json=asked)
    told = events(server, job["id"])
    last = told[-1]
    assert last["state"] == "done" and [each["state"] for each in told[:-1]] != []
    assert all(0 <= each["progress"] <= 1 for each in told)
    cat, script = last["result"]["predictions"]
    assert (cat["moments"][0]["start"], cat["moments"][0]["end"]) == pytest.approx((3, 6), abs=0.5)
    assert (cat["video"], script["query"]) == ("cat.mp4", "<script>alert(1)</script>")
    assert str(videos) not in json.dumps(last)
    picture = server.client.get(last["result"]["thumbnails"][0][0])
    assert picture.headers["content-type"] == "image/jpeg"
    assert server.json("GET", f"/api/jobs/{job['id']}")["result"] == last["result"]
    [listed] = [each for each in server.json("GET", f"/api/jobs?video={video}")["jobs"] if each["id"] == job["id"]]
    assert listed["result"] is None and listed["state"] == "done"
    assert server.json("GET", "/api/jobs?video=other")["jobs"] == []
    assert events(server, job["id"]) == [last], "who comes late is told at once"


def test_what_words_answer_is_told_while_pictures_are_still_looked_at(server: Server) -> None:
    video = server.video("cat.mp4")
    asked = {"queries": ["says the guide"], "evidence": ["said", "seen"], "fps": 30, "cache": False}
    *running, last = events(server, server.json("POST", f"/api/videos/{video}/find", json=asked)["id"])
    early = [each["early"] for each in running if each["early"]]
    assert early and {each["state"] for each in running} <= {"queued", "running"}
    assert (
        set(early[0]) == {"predictions", "thumbnails", "understood"}
        and early[0]["predictions"][0]["video"] == "cat.mp4"
    )
    assert early[0]["understood"] == ["said · the guide"]
    assert last["early"] is None and last["result"]["predictions"][0]["moments"]


def test_words_that_a_find_read_are_known_afterwards(server: Server) -> None:
    video = server.video("cat.mp4")
    job = server.json("POST", f"/api/videos/{video}/find", json={"queries": ["a guide"], "evidence": ["said"]})
    assert server.ended(job)["state"] == "done"
    assert server.json("GET", f"/api/videos/{video}/words")["lines"][0]["kind"] == "said"


def test_a_clip_is_cut_to_the_picture_and_named_after_its_query(server: Server, tmp_path: Path) -> None:
    video = server.video("bars.mkv")
    job = server.json(
        "POST",
        f"/api/videos/{video}/clip",
        status=202,
        json={"start": 0.52, "end": 1.0, "query": 'a "quoted"\r\nname/..'},
    )
    assert server.client.get(f"/api/jobs/{job['id']}/file").status_code in {404, 200}
    done = server.ended(job)
    answer = server.client.get(done["result"]["file"])
    assert answer.headers["content-disposition"].startswith('attachment; filename="a _quoted_ name_.. 0.52-1.00.mp4"')
    (tmp_path / "clip.mp4").write_bytes(answer.content)
    with Video(tmp_path / "clip.mp4") as clip:
        assert read_number(next(iter(clip.around(0, 0))).image) == 13
    assert not list((server.data / "parts").iterdir()) and "notes" not in done["result"]
    beyond = server.json("POST", f"/api/videos/{video}/clip", status=202, json={"start": 0.5, "end": 100.0})
    [note] = server.ended(beyond)["result"]["notes"]
    assert note.startswith("The video ends at ") and note.endswith(" s, so the clip does too.")
    for start, end in ((1.0, 1.0), (5.0, 6.0), (1.0, 0.5)):
        assert server.client.post(f"/api/videos/{video}/clip", json={"start": start, "end": end}).status_code == 409


def test_the_same_key_is_the_same_job_and_another_request_under_it_is_refused(server: Server) -> None:
    video = server.video("cat.mp4")
    asked = {"queries": ["grey"], "evidence": ["said"]}
    first, second = (
        server.json("POST", f"/api/videos/{video}/find", json=asked, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    )
    assert first["id"] == second["id"]
    other = server.client.post(
        f"/api/videos/{video}/find", json={"queries": ["other"]}, headers={"Idempotency-Key": "one"}
    )
    assert other.status_code == 409


def test_what_cannot_be_done_is_told_in_a_sentence(server: Server) -> None:
    video = server.video("cat.mp4")
    for asked in ({"samples": 3}, {"budget": "much"}, {"prompting": "/etc/passwd"}):
        done = server.ended(server.json("POST", f"/api/videos/{video}/find", json={"queries": ["x"], **asked}))
        assert done["state"] == "failed" and done["error"] and "log" not in done["error"], done


@contextmanager
def busy(videos: Path, folder: Path) -> Iterator[tuple[Server, str, dict[str, Any]]]:
    """A server with one worker that is at a find of many pictures, and that find."""
    with serving(videos, "--data", folder / "data", WHENABOUTS_CACHE=str(folder / "cache")) as server:
        video = server.video("cat.mp4")
        long = server.json(
            "POST",
            f"/api/videos/{video}/find",
            json={"queries": ["x"], "fps": 120, "evidence": ["seen"], "cache": False},
        )
        yield server, video, long


def test_jobs_are_cancelled_waiting_and_running_and_clients_take_turns(videos: Path, tmp_path: Path) -> None:
    with busy(videos, tmp_path) as (server, video, long):
        asked = {"queries": ["a cat"], "evidence": ["said"]}
        mine = [server.json("POST", f"/api/videos/{video}/find", json=asked) for _ in range(3)]
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, base_url=server.address) as other:
            theirs = other.post(f"/api/videos/{video}/find", json=asked).json()
        assert theirs["position"] == 1, "a client that has had no turn goes before the third job of another"
        assert [server.json("GET", f"/api/jobs/{job['id']}")["position"] for job in mine] == [2, 3, 4]
        assert server.json("POST", f"/api/jobs/{mine[0]['id']}/cancel")["state"] == "cancelled"
        assert server.json("GET", f"/api/jobs/{mine[1]['id']}")["position"] == 2
        assert server.json("POST", f"/api/jobs/{long['id']}/cancel")["state"] == "cancelled"
        assert server.ended(theirs)["state"] == server.ended(mine[2])["state"] == "done"
        assert server.json("POST", f"/api/jobs/{theirs['id']}/cancel")["state"] == "done", "what is done stays done"
        assert server.json("DELETE", f"/api/jobs/{mine[0]['id']}")["state"] == "cancelled"
        assert server.client.get(f"/api/jobs/{mine[0]['id']}").status_code == 404
        again = server.json("POST", f"/api/videos/{video}/find", json={**asked, "fps": 120, "evidence": ["seen"]})
        told = threading.Thread(target=lambda: events(server, again["id"], followed))
        followed: list[dict[str, Any]] = []
        told.start()
        wait_until(lambda: followed)
        assert server.json("DELETE", f"/api/jobs/{again['id']}")["state"] == "cancelled"
        told.join()
        assert followed[-1]["state"] == "cancelled", "who follows a job learns that it was deleted"
        assert server.ended(server.json("POST", f"/api/videos/{video}/find", json=asked))["state"] == "done"
        text = server.client.get("/metrics").text
        assert 'whenabouts_jobs{kind="find",state="cancelled"} 1.0' in text
        assert 'whenabouts_jobs_ended_total{kind="find",state="done"} 4.0' in text
        assert "whenabouts_queue_length 0.0" in text
