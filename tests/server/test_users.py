"""Users log in with tokens that end: by time, by being revoked, and with their user."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from processes import LIMIT
from server_users import Shared
from serving import serving

from whenabouts.errors import InputError

pytest.importorskip("fastapi")

from whenabouts.server.attempts import MAX_FAILURES, WINDOW, Attempts
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.users import Quota, UserStore, open_users


@pytest.fixture
def users(tmp_path: Path) -> Iterator[UserStore]:
    with open_users(tmp_path) as store:
        store.add("ann", ("read", "ask"), [tmp_path], Quota(jobs_a_day=3))
        yield store


def test_a_token_tells_its_user_and_is_kept_nowhere(users: UserStore, tmp_path: Path) -> None:
    token = users.issue("ann", days=1)
    found = users.by_token(token)
    assert found is not None and found.name == "ann" and found.scopes == {"read", "ask"}
    assert found.folders == (tmp_path.resolve(),) and found.quota == Quota(jobs_a_day=3)
    session, _ = users.log_in(found)
    assert users.by_session(session) == found
    users.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in kept and session.encode() not in kept


def test_a_token_ends_by_time_by_revoking_and_with_its_user_and_its_sessions_with_it(users: UserStore) -> None:
    assert users.by_token(users.issue("ann", days=-1)) is None
    token = users.issue("ann", days=1)
    user = users.by_token(token)
    assert user is not None and user.token is not None
    session, _ = users.log_in(user)
    users.revoke(user.token)
    assert users.by_token(token) is None and users.by_session(session) is None
    other = users.issue("ann", days=1)
    users.remove("ann")
    assert users.by_token(other) is None and users.exist
    with pytest.raises(InputError, match="is or was"):  # or another would correct in their name
        users.add("ann", ("read",), None, Quota())


def test_a_token_has_no_more_scopes_than_its_user(users: UserStore) -> None:
    with pytest.raises(InputError, match="does not have the scope 'administer'"):
        users.issue("ann", 1, ("administer",))
    token = users.issue("ann", 1, ("ask",))
    found = users.by_token(token)
    assert found is not None and found.scopes == {"ask"}


@pytest.mark.parametrize("name", ["", " ann", "a/b", "-ann", "a" * 61, "an\nn", "<b>"])
def test_a_name_that_is_no_name_is_refused(users: UserStore, name: str) -> None:
    with pytest.raises(InputError, match="not a name"):
        users.add(name, ("read",), None, Quota())


def test_a_client_that_fails_too_often_waits() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(MAX_FAILURES):
        attempts.check("1.2.3.4")
        attempts.failed("1.2.3.4")
    with pytest.raises(HTTPRefusal) as refused:
        attempts.check("1.2.3.4")
    assert refused.value.status_code == 429
    attempts.check("5.6.7.8")
    now[0] = float(refused.value.headers["Retry-After"])
    assert now[0] <= WINDOW + 1
    attempts.check("1.2.3.4")


def test_the_page_logs_in_by_a_cookie_and_out_again(shared_server: Shared) -> None:
    with shared_server.as_user(None) as browser:
        assert browser.get("/").status_code == 200 and browser.get("/api/about").status_code == 401
        answer = browser.post("/api/session", json={"token": shared_server.tokens["ann"]})
        assert answer.json()["user"] == {"name": "ann", "scopes": ["ask", "correct", "read"]}
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/;" in f"{cookie};"
        assert shared_server.tokens["ann"] not in cookie
        assert browser.get("/api/about").json()["user"]["name"] == "ann"
        foreign = {"Origin": "http://evil.example"}
        assert browser.post("/api/session", json={"token": "x"}, headers=foreign).status_code == 403
        assert browser.delete("/api/session", headers=foreign).status_code == 403
        stolen = browser.cookies["whenabouts"]
        assert browser.delete("/api/session").status_code == 204
        assert browser.get("/api/about").status_code == 401
        assert browser.get("/api/about", headers={"Cookie": f"whenabouts={stolen}"}).status_code == 401


def test_corrections_carry_the_name_of_the_user(shared_server: Shared) -> None:
    with shared_server.as_user("ann") as ann:
        video = next(each["id"] for each in ann.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        body = {"query": "a cat", "annotator": "bob", "windows": [[1.0, 2.0]]}
        refused = ann.put(f"/api/videos/{video}/annotations", json=body)
        assert refused.status_code == 403 and "'ann'" in refused.json()["error"]
        saved = ann.put(f"/api/videos/{video}/annotations", json=body | {"annotator": "ann"})
        assert saved.status_code == 200 and saved.json()["annotator"] == "ann"


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_stream_of_events_ends_with_the_rights_of_its_user(shared_server: Shared, videos: Path, how: str) -> None:
    with shared_server.as_user("root") as root:
        video = next(each["id"] for each in root.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        watch = root.post("/api/watches", json={"video": video, "queries": ["x"], "follow": True}).json()["id"]
        with open_users(shared_server.server.data) as users:
            leaving = f"leaving-{how}"
            users.add(leaving, ("read",), None, Quota())
            bearer = {"Authorization": f"Bearer {users.issue(leaving, days=1)}"}
            with root.stream("GET", f"/api/watches/{watch}/events", headers=bearer) as events:
                lines = events.iter_lines()
                assert next(lines)
                if how == "removed":
                    users.remove(leaving)
                else:
                    users.change(replace(users.user(leaving), folders=(videos / "old",)))
                for _ in lines:  # they end, though the watch goes on
                    pass
        assert "Traceback" not in "".join(shared_server.server.said)
        assert root.get(f"/api/watches/{watch}").json()["state"] == "running"
        root.delete(f"/api/watches/{watch}")


def test_users_are_made_and_refused_while_the_server_runs(tmp_path: Path) -> None:
    def verb(*arguments: str) -> str:
        command = [sys.executable, "-m", "whenabouts", "users", *arguments, "--data", str(tmp_path / "data")]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True).stdout

    for mistyped in ("list", "audit"):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            verb(mistyped)
        assert "has no users yet" in refused.value.stderr and not (tmp_path / "data").exists()
    with serving("--data", tmp_path / "data") as running:
        assert running.client.get("/api/videos").status_code == 200, "one person, and no login"
        token = verb("add", "ann", "--scope", "read").strip()
        assert running.client.get("/api/videos").status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert running.client.get("/api/videos", headers=bearer).status_code == 200
        listed = verb("list")
        assert "ann  read" in listed and token not in listed
        verb("change", "ann", "--scope", "ask")
        assert running.client.get("/api/videos", headers=bearer).status_code == 403
        verb("change", "ann", "--scope", "read", "--jobs-a-day", "5")
        assert running.client.get("/api/videos", headers=bearer).status_code == 200
        verb("revoke", listed.splitlines()[1].split()[0])
        assert running.client.get("/api/videos", headers=bearer).status_code == 401
        verb("remove", "ann")
        assert running.client.get("/api/videos").status_code == 401, "it never opens to everybody again"
        statuses = [running.client.get("/api/videos", headers=bearer).status_code for _ in range(MAX_FAILURES + 1)]
        assert statuses[-1] == 429


def test_other_machines_need_users_or_a_token(tmp_path: Path) -> None:
    with open_users(tmp_path) as users:
        users.add("ann", ("read",), None, Quota())
    with serving("--data", tmp_path, "--host", "0.0.0.0") as running:
        assert "token=" not in running.line
        address = f"http://127.0.0.1:{running.port}"
        assert httpx.get(f"{address}/api/videos", timeout=LIMIT).status_code == 401


def test_the_database_refuses_to_be_opened_where_it_is_none(tmp_path: Path) -> None:
    (tmp_path / "users.sqlite").write_bytes(b"not a database, and long enough to tell" * 100)
    with pytest.raises(InputError, match="damaged"), open_users(tmp_path):
        pass
