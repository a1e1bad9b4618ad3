"""Each user takes as much as they may, and is told when there is more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from processes import wait_until
from server_users import Shared

pytest.importorskip("fastapi")

from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.quota import DAY, Quotas, _wait
from whenabouts.server.users import ANYONE, Quota, User, UserStore, open_users


@pytest.fixture
def users(tmp_path: Path) -> Iterator[UserStore]:
    with open_users(tmp_path) as store:
        yield store


def who(**quota: float) -> User:
    return User("ann", frozenset(), None, Quota(**quota))  # type: ignore[arg-type]


def test_a_day_is_the_last_24_hours_and_the_refusal_says_when_there_is_room(users: UserStore) -> None:
    now = [1000.0]
    quotas, ann = Quotas(users, lambda: now[0]), who(seconds_a_day=100.0)
    for seconds in (60.0, 30.0):
        with quotas.taking(ann, jobs=1, seconds=seconds):
            pass
        now[0] += 100
    with pytest.raises(HTTPRefusal) as refused, quotas.taking(ann, seconds=20.0):
        pass
    assert refused.value.status_code == 429 and "seconds of video" in refused.value.detail
    now[0] += float(refused.value.headers["Retry-After"])
    assert 1000 + DAY <= now[0] <= 1000 + DAY + 2
    with quotas.taking(ann, seconds=20.0):
        pass


def test_what_failed_or_was_known_is_given_back(users: UserStore) -> None:
    quotas, ann = Quotas(users), who(jobs_a_day=1)
    with pytest.raises(ValueError, match="no"), quotas.taking(ann, jobs=1):
        raise ValueError("no")
    with quotas.taking(ann, jobs=1) as give_back:
        give_back()
    with quotas.taking(ann, jobs=1):
        pass
    with pytest.raises(HTTPRefusal), quotas.taking(ann, jobs=1):
        pass
    with quotas.taking(ANYONE, jobs=1), quotas.taking(who(), jobs=1):
        pass


def test_more_than_a_whole_day_is_no_matter_of_waiting(users: UserStore) -> None:
    with pytest.raises(HTTPRefusal) as refused, Quotas(users).taking(who(seconds_a_day=10.0), seconds=11.0):
        pass
    assert refused.value.status_code == 403 and "Retry-After" not in (refused.value.headers or {})


@given(some.lists(some.integers(0, 9), max_size=8), some.integers(0, 30))
def test_after_the_wait_there_is_room_and_not_before(amounts: list[int], room: int) -> None:
    taken = [(float(at), amount) for at, amount in enumerate(amounts)]
    last = _wait([(at, float(amount)) for at, amount in taken], room)
    rest = -1.0 if last is None else last
    assert sum(amount for at, amount in taken if at > rest) <= room
    if last is not None:
        assert sum(amount for at, amount in taken if at >= last) > room


def test_the_server_counts_jobs_videos_and_uploads(shared_server: Shared) -> None:
    with shared_server.as_user("small") as small:
        video = next(each["id"] for each in small.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        find = {"queries": ["a guide"], "evidence": ["said"]}
        upload = small.post("/api/videos?name=x.mp4", content=b"x" * 2000, headers={"Content-Type": "video/mp4"})
        assert upload.status_code == 403 and "2000 bytes of uploads" in upload.json()["error"]
        parts = iter([b"x"])
        unknown = small.post("/api/videos?name=x.mp4", content=parts, headers={"Content-Type": "video/mp4"})
        assert unknown.status_code == 411
        repeated = [small.post(f"/api/videos/{video}/find", json=find, headers={"Idempotency-Key": "1"}) for _ in "ab"]
        assert [each.status_code for each in repeated] == [202, 202], "one job, counted once"
        shared_server.server.client.headers["Authorization"] = f"Bearer {shared_server.tokens['small']}"
        shared_server.server.ended(repeated[0].json())
        shared_server.server.ended(small.post(f"/api/videos/{video}/find", json=find).json())
        refused = small.post(f"/api/videos/{video}/find", json=find)  # three times 8 seconds
        assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= DAY + 1
        told = "this takes 8 seconds of video, and of your quota in 24 hours, 20, 4 are left"
        assert refused.json()["error"] == told


def test_a_watch_is_a_job_as_long_as_it_runs(shared_server: Shared) -> None:
    with shared_server.as_user("one") as one:
        video = next(each["id"] for each in one.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        body = {"video": video, "queries": ["a cat"], "speed": 0.01}
        watch = one.post("/api/watches", json=body)
        assert watch.status_code == 201
        for path, other in (("/api/watches", body), (f"/api/videos/{video}/find", {"queries": ["a cat"]})):
            refused = one.post(path, json=other)
            assert refused.status_code == 429 and refused.headers["Retry-After"], path
        one.delete(f"/api/watches/{watch.json()['id']}")
        wait_until(lambda: one.post("/api/watches", json=body).status_code == 201)
        for each in one.get("/api/watches").json()["watches"]:
            one.delete(f"/api/watches/{each['id']}")
    with shared_server.as_user("brief") as brief:
        refused = brief.post("/api/watches", json=body)
        assert refused.status_code == 403 and "8 seconds of video" in refused.json()["error"]


def test_a_batch_is_counted_as_its_jobs_and_taken_whole_or_not(shared_server: Shared) -> None:
    with shared_server.as_user("one") as one:
        videos = [each["id"] for each in one.get("/api/videos").json()["videos"] if each["folder"] != "uploads"]
        batch = {"videos": videos, "find": {"queries": ["only in this batch"], "evidence": ["said"]}}
        refused = one.post("/api/batches", json=batch)
        assert len(videos) == 2 and refused.status_code == 429 and refused.headers["Retry-After"]
        assert "only in this batch" not in one.get("/api/jobs?limit=1000").text
