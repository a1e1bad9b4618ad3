"""Two sites are the same only where scheme, name and port are."""

from __future__ import annotations

import pytest
from serving import Server, serving

from whenabouts.server.origin import parse_origin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://localhost:80", "http://localhost"),
        ("https://a.example:443", "https://a.example"),
        ("HTTP://LOCALHOST:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert parse_origin(one) == parse_origin(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://localhost", "http://localhost"),
        ("https://localhost:8000", "http://localhost:8000"),
        ("http://localhost:8000", "http://localhost:8001"),
        ("http://localhost.", "http://localhost"),
        ("http://localhost:443", "https://localhost"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert parse_origin(one) != parse_origin(other)


@pytest.mark.parametrize(
    "text",
    [
        *("null", "", "localhost", "//localhost", "http://", "ftp://localhost", "http://localhost/", "http://a b"),
        *("http://user@localhost", "http://localhost:x", "http://localhost:99999", "http://localhost:", "http://[::1"),
        *("http://localhost?x", "http://localhost#x", "http://lоcalhost", "http://localhost\\@evil", "blob:http://a"),
    ],
)
def test_not_an_origin(text: str) -> None:
    assert parse_origin(text) is None


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:{}", 404),
        ("http://LOCALHOST:{}", 404),
        *(
            (f"{each}:{{}}", 403)
            for each in ("https://localhost", "http://127.0.0.1", "http://localhost.", "http://[::1]")
        ),
        *((each, 403) for each in ("http://localhost", "null", "", "http://localhost:{}/", "http://x@localhost:{}")),
    ],
)
def test_only_the_page_itself_may_change_something(server: Server, origin: str, status: int) -> None:
    headers = {"Host": f"localhost:{server.port}", "Origin": origin.format(server.port)}
    assert server.client.delete("/api/jobs/none", headers=headers).status_code == status


def test_every_address_that_changes_something_is_closed_to_other_sites(server: Server) -> None:
    for path, methods in server.json("GET", "/openapi.json")["paths"].items():
        for method in set(methods) - {"get", "head"}:
            told = server.client.request(method, path, headers={"Origin": f"https://127.0.0.1:{server.port}"})
            assert told.status_code == 403 and "other sites" in told.json()["error"], (method, path)


def test_behind_a_proxy_with_tls_the_page_has_the_origin_of_the_proxy(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("proxy") / "data"
    with serving("--data", data, "--host-name", "https://videos.example.org", WHENABOUTS_TOKEN="t") as server:
        headers = {"Host": "videos.example.org", "Authorization": "Bearer t"}
        for origin, status in (("https://videos.example.org", 404), ("http://videos.example.org", 403)):
            told = server.client.delete("/api/jobs/none", headers=headers | {"Origin": origin})
            assert told.status_code == status
        visit = server.client.get("/", params={"token": "t"}, headers={"Host": "videos.example.org"})
        assert visit.headers["set-cookie"].endswith("; Secure")


def test_a_name_may_have_several_origins(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("ports") / "data"
    origins = ["http://www.example.org:9003", "https://www.example.org:9004"]
    names = [part for origin in origins for part in ("--host-name", origin)]
    with serving("--data", data, *names, WHENABOUTS_TOKEN="t") as server:
        bearer = {"Authorization": "Bearer t"}
        for host in ("www.example.org", "www.example.org:9003", "www.example.org:9004"):
            for origin, status in ((origins[0], 404), (origins[1], 404), ("http://www.example.org:9004", 403)):
                told = server.client.delete("/api/jobs/none", headers=bearer | {"Host": host, "Origin": origin})
                assert told.status_code == status, (host, origin)
        for host, secure in (("www.example.org:9003", False), ("www.example.org:9004", True)):
            visit = server.client.get("/", params={"token": "t"}, headers={"Host": host})
            assert visit.headers["set-cookie"].endswith("; Secure") == secure
