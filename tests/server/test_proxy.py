"""Behind a proxy with TLS, below a path: addresses, cookies, ranges and events, and who the client is."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from axe import barriers
from browser import new_page, open_browser
from processes import LIMIT, wait_until
from reverse_proxy import certificate, nginx, proxied
from server_users import Shared, shared

from whenabouts.errors import InputError

pytest.importorskip("fastapi")

from whenabouts.server.proxy import path_prefix, proxy_networks


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxied")


@pytest.fixture(scope="module")
def behind(videos: Path, place: Path) -> Iterator[Shared]:
    """A server with users that is told of its proxy."""
    options = ("--path-prefix", "/video", "--trusted-proxy", "127.0.0.1", "--host-name", "videos.example.org")
    with shared(videos, place / "data", *options, WHENABOUTS_CACHE=str(place / "cache")) as running:
        yield running


def through(port: int, place: Path) -> httpx.Client:
    trusted = ssl.create_default_context(cafile=certificate(place)[0])
    return httpx.Client(base_url=f"https://localhost:{port}/video", verify=trusted, timeout=LIMIT)


@pytest.mark.parametrize("strip", [True, False], ids=["prefix taken off", "prefix passed on"])
def test_login_ranges_and_events_below_a_path(behind: Shared, place: Path, strip: bool) -> None:
    with proxied(behind.server.port, place, "/video", strip=strip) as port, through(port, place) as client:
        same = {"Origin": f"https://localhost:{port}"}
        login = client.post("/api/session", json={"token": behind.tokens["root"]}, headers=same)
        cookie = f"{login.headers['set-cookie']};"
        assert "Path=/video/;" in cookie and "Secure;" in cookie and "HttpOnly;" in cookie
        for origin in (f"http://localhost:{port}", "https://evil.example", "https://localhost"):
            refused = client.post("/api/session", json={"token": "x"}, headers={"Origin": origin})
            assert refused.status_code == 403, origin
        video = next(each["id"] for each in client.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        part = client.get(f"/api/videos/{video}/stream", headers={"Range": "bytes=10-19"})
        assert (
            part.status_code == 206
            and len(part.content) == 10
            and part.headers["content-range"].startswith("bytes 10-19/")
        )
        find = {"queries": ["a guide"], "evidence": ["said"], "cache": False}
        job = client.post(f"/api/videos/{video}/find", json=find, headers=same).json()
        with client.stream("GET", f"/api/jobs/{job['id']}/events") as events:
            states = [json.loads(line[6:])["state"] for line in events.iter_lines() if line.startswith("data: ")]
        assert states[-1] == "done"
        newest = client.get("/api/audit", params={"action": "asked"}).json()["rows"][0]
        assert newest["client"] == "203.0.113.7", "what the proxy says, and not the proxy"
        assert client.get("/openapi.json").json()["servers"] == [{"url": "/video"}]


def test_nginx_with_our_configuration_streams_both_ways(behind: Shared, place: Path) -> None:
    configuration = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")
    with nginx(behind.server.port, place, configuration) as port, through(port, place) as client:
        bare = client.get(f"https://localhost:{port}/video")
        assert (bare.status_code, bare.headers["location"].rpartition("/video")[2]) == (308, "/")
        same = {"Origin": "https://localhost"}  # as at port 443
        login = client.post("/api/session", json={"token": behind.tokens["root"]}, headers=same)
        cookie = f"{login.headers['set-cookie']};"
        assert "Path=/video/;" in cookie and "Secure;" in cookie
        refused = client.post("/api/session", json={"token": "x"}, headers={"Origin": "https://evil.example"})
        assert refused.status_code == 403
        video = next(each["id"] for each in client.get("/api/videos").json()["videos"] if each["name"] == "cat.mp4")
        part = client.get(f"/api/videos/{video}/stream", headers={"Range": "bytes=10-19"})
        assert (part.status_code, len(part.content)) == (206, 10)
        whole = client.get(f"/api/videos/{video}/stream").content
        sent = {"content": whole, "headers": {"Content-Type": "video/mp4", **same}}
        uploaded = client.post("/api/videos?name=through.mp4", **sent)
        assert uploaded.status_code == 201 and uploaded.json()["size"] == len(whole)
        with client.stream("GET", f"/api/videos/{video}/annotations/events") as events:  # which never end by themselves
            lines = events.iter_lines()
            next(line for line in lines if line.startswith("data: "))
            body = {"query": "through nginx", "annotator": "root", "windows": [[1.0, 2.0]]}
            with behind.as_user("root") as root:
                assert root.put(f"/api/videos/{video}/annotations", json=body).status_code == 200
            assert "through nginx" in next(line for line in lines if line.startswith("data: "))
        assert client.delete(f"/api/videos/{uploaded.json()['id']}", headers=same).status_code == 204


def test_the_path_without_its_slash_leads_to_the_page(behind: Shared) -> None:
    bare = behind.as_user(None).get("/video")
    assert (bare.status_code, bare.headers["location"]) == (308, "/video/")


def test_the_name_that_the_client_used_may_be_forwarded_and_must_be_the_servers(behind: Shared, place: Path) -> None:
    with (
        proxied(behind.server.port, place, "/video", strip=True, host=b"127.0.0.1") as port,
        through(port, place) as client,
    ):
        for name, status in (("videos.example.org", 200), ("evil.example", 403)):
            assert client.get("/api/health", headers={"Host": name}).status_code == status


def test_nobody_but_the_proxy_is_believed(shared_server: Shared) -> None:
    """This server trusts no proxy, so these headers are a client's own."""
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    with shared_server.as_user(None) as client, shared_server.as_user("root") as root:
        answer = client.post("/api/session", json={"token": shared_server.tokens["ann"]}, headers=forged)
        assert answer.status_code == 200 and "Secure" not in answer.headers["set-cookie"]
        logged_in = root.get("/api/audit", params={"action": "logged in"}).json()["rows"][0]
        assert logged_in["client"] == "127.0.0.1"


def test_the_client_cannot_put_itself_before_the_proxy(behind: Shared) -> None:
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 127.0.0.1"}
    with behind.as_user("ann") as ann, behind.as_user("root") as root:
        ann.get("/metrics", headers=forged)
        refused = root.get("/api/audit", params={"user": "ann", "action": "refused"}).json()["rows"][0]
        assert refused["client"] == "203.0.113.9", "the last one that no trusted proxy is"


@pytest.mark.parametrize("given", ["..", "/a/../b", "/a//b", "/a?b", '/a"b', "/ä", "http://x"])
def test_a_prefix_that_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="not a path"):
        path_prefix(given)


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(InputError, match="IP address"):
        proxy_networks(["nginx"])


@pytest.mark.parametrize("strip", [True, False], ids=["prefix taken off", "prefix passed on"])
def test_the_page_works_below_a_path_from_the_login_on(behind: Shared, place: Path, strip: bool) -> None:
    with proxied(behind.server.port, place, "/video", strip=strip) as port, open_browser() as browser:
        page = new_page(browser, ignore_https_errors=True, viewport={"width": 1440, "height": 900})
        asked: list[str] = []
        troubles: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("response", lambda answer: troubles.append(answer.url) if answer.status in {404, 500} else None)
        page.goto(f"https://localhost:{port}/video/")
        page.get_by_label("Your token").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert barriers(page) == []
        page.get_by_label("Your token").fill("a wrong one")
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("unknown, expired or revoked").wait_for()
        page.get_by_label("Your token").fill(behind.tokens["ann"])
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Log out ann").wait_for()
        assert not page.locator("#index").is_visible(), "ann administers nothing"
        page.locator("#videos a", has_text="cat.mp4").click()
        wait_until(lambda: page.evaluate("document.getElementById('video').readyState >= 1"))
        page.locator("#queries").fill("a guide")
        page.get_by_role("button", name="Find", exact=True).click()
        page.locator("#list img").first.wait_for()
        shown = "document.querySelector('#list img').naturalWidth > 0"  # others are loaded once they come into view
        wait_until(lambda: page.evaluate(shown))
        assert page.locator("#annotator input").input_value() == "ann"
        outside = [url for url in asked if not url.startswith((f"https://localhost:{port}/video/", "data:", "blob:"))]
        assert outside == [] and troubles == []
        page.get_by_role("button", name="Log out ann").click()
        page.get_by_label("Your token").wait_for()


def test_no_file_of_the_page_gives_the_browser_an_address_past_the_prefix() -> None:
    """An address of the server goes through `at` before the browser has it."""
    taken = re.compile(
        r"""(?:\b(?:src|href|poster|source)\s*[:=]|\b(?:fetch|EventSource|url)\()\s*["'`]?/(?:api|page)/"""
    )
    for folder in (files("whenabouts.server") / "page", files("whenabouts.interchange") / "page"):
        for file in folder.iterdir():
            if file.name.endswith((".js", ".css", ".html")):
                assert not taken.findall(file.read_text("utf-8")), file.name
