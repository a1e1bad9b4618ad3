"""Who may not ask is refused: foreign names, foreign sites, foreign tokens; and answers carry what browsers need."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest
from serving import Server, serving

TOKEN = "täglich ein Token, der lang ist"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a token and a name."""
    pytest.importorskip("fastapi")
    folder = tmp_path_factory.mktemp("closed")
    names = ("--host-name", "videos.example.org", "--upload-limit", "0")
    with serving("--data", folder / "data", *names, WHENABOUTS_TOKEN=TOKEN.replace(" ", "_")) as running:
        yield running


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.8.9.1", "LOCALHOST."])
def test_names_of_this_machine_are_its_own(server: Server, host: str) -> None:
    assert server.client.get("/api/health", headers={"Host": f"{host}:{server.port}"}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5"),
        *("0.0.0.0", "[::ffff:8.8.8.8]", "2130706433", "127.1", "localhost@evil.example", "evil.example#localhost"),
        *("", "localhost:99999", "[::1", "localhost/evil"),
    ],
)
def test_a_foreign_name_is_refused(server: Server, host: str) -> None:
    for path in ("/api/health", "/", "/metrics", "/api/videos", "/docs"):
        answer = server.client.get(path, headers={"Host": host})
        assert answer.status_code in {400, 403}, path
        assert "videos" not in answer.json()


def test_two_names_are_refused(server: Server) -> None:
    answer = server.raw(
        b"GET /api/videos HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert b" 400 " in answer.splitlines()[0]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://localhost", "x", ""])
def test_another_site_cannot_change_anything(server: Server, origin: str) -> None:
    video = server.video("cat.mp4")
    body = {"query": "x", "annotator": "eve", "windows": []}
    for method, path in [
        ("PUT", f"/api/videos/{video}/annotations"),
        ("POST", f"/api/videos/{video}/find"),
        ("POST", "/api/videos?name=x.mp4"),
        ("DELETE", f"/api/videos/{video}"),
    ]:
        answer = server.client.request(method, path, json=body, headers={"Origin": origin})
        assert answer.status_code == 403, (method, path)
    told = server.json("GET", f"/api/videos/{video}/annotations")["annotations"]
    assert "eve" not in {each["annotator"] for each in told}


def test_the_page_itself_may_change_things(server: Server) -> None:
    answer = server.client.post(
        "/api/search", json={"query": "x"}, headers={"Origin": server.address, "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 409, "there is no library, and nothing else is wrong"


def test_what_a_browser_sends_for_another_site_is_refused_even_to_look(server: Server) -> None:
    video = server.video("cat.mp4")
    for site in ("cross-site", "same-site"):
        for path in (f"/api/videos/{video}/picture", f"/api/videos/{video}/stream", "/api/videos"):
            assert server.client.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert server.client.get("/", headers=visit).status_code == 200, "a link to the page may be followed"


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_bodies_that_forms_can_send_are_refused(server: Server, kind: str | None) -> None:
    video = server.video("cat.mp4")
    headers = {} if kind is None else {"Content-Type": kind}
    for path in (
        f"/api/videos/{video}/find",
        f"/api/videos/{video}/clip",
        "/api/search",
        f"/api/videos/{video}/export",
    ):
        answer = server.client.post(path, content=b'{"queries": ["x"]}', headers=headers)
        assert answer.status_code == 415, path
    assert server.client.post("/api/videos?name=x.mp4", content=b"x", headers=headers).status_code == 415


def test_answers_carry_the_headers_and_no_permission_for_others(server: Server) -> None:
    answers = [
        *(server.client.get(path) for path in ("/", "/docs", "/api/videos", "/nothing", "/metrics")),
        server.client.options("/api/videos", headers={"Origin": "http://evil.example"}),
        server.client.get("/api/videos", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_nothing_but_health_answers_without_the_token(closed: Server) -> None:
    assert closed.client.get("/api/health").status_code == 200
    for path in ("/", "/api/videos", "/metrics", "/docs", "/openapi.json", "/api/jobs", "/page/x.js", "/nothing"):
        answer = closed.client.get(path)
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer", path


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "bearer x y", "Basic dG9rZW4=", "Bearer " + "x" * 5000])
def test_wrong_tokens_are_refused(closed: Server, given: str) -> None:
    assert closed.client.get("/api/videos", headers={"Authorization": given}).status_code == 401
    assert closed.client.get("/", params={"token": given}).status_code == 401
    cookie = "whenabouts=" + given.rpartition(" ")[2]
    assert closed.client.get("/api/videos", headers={"Cookie": cookie}).status_code == 401
    assert closed.client.get("/api/videos", params={"token": TOKEN.replace(" ", "_")}).status_code == 401


def test_the_token_opens_by_header_and_by_a_cookie_that_scripts_cannot_read(closed: Server) -> None:
    token = TOKEN.replace(" ", "_")
    bearer = {"Authorization": b"Bearer " + token.encode()}
    assert closed.client.get("/api/videos", headers=bearer).status_code == 200
    with httpx.Client(base_url=closed.address) as browser:
        visit = browser.get("/", params={"token": token})
        assert (visit.status_code, visit.headers["location"]) == (303, "/")
        cookie = visit.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and token not in cookie
        assert browser.get("/api/videos").status_code == 200
        assert browser.get("/").status_code == 200


def test_the_servers_own_name_counts_where_it_is_told(closed: Server) -> None:
    assert closed.client.get("/api/health", headers={"Host": "videos.example.org"}).status_code == 200
    assert closed.client.get("/api/health", headers={"Host": "example.org"}).status_code == 403


def test_uploads_can_be_forbidden(closed: Server) -> None:
    headers = {"Authorization": b"Bearer " + TOKEN.replace(" ", "_").encode(), "Content-Type": "video/mp4"}
    assert closed.client.post("/api/videos?name=x.mp4", content=b"x", headers=headers).status_code == 403


def test_a_request_that_is_no_request_does_no_harm(server: Server) -> None:
    for bytes_sent in (b"\0\1\2\3\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", os.urandom(4000), b"G"):
        server.raw(bytes_sent, seconds=0.5)
    assert server.client.get("/api/health").status_code == 200


def test_an_address_of_enormous_length_is_refused(server: Server) -> None:
    assert server.client.get("/api/videos?folder=" + "a" * 20_000).status_code in {400, 414}
