"""Whatever bytes arrive, the answer is one sentence with a status below 500, and nobody else waits for it."""

from __future__ import annotations

import gzip
import json
import random
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from processes import LIMIT, wait_until
from serving import Server, serving, start

from whenabouts.server.protocol import MAX_CONNECTIONS

HEAD = b"Host: localhost\r\nConnection: close\r\n"
DIGITS = 1_000_000


def answer(raw: bytes) -> tuple[int, bytes]:
    """The status of the first answer, and the body of the last."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", raw)
    assert found, raw[:200]
    return int(found[1]), raw.rpartition(b"\r\n\r\n")[2]


REQUESTS = {
    "10,000 headers": (b"GET /api/jobs HTTP/1.1\r\n" + HEAD + b"X: a\r\n" * 10_000 + b"\r\n", 431),
    "a header of a megabyte": (b"GET /api/jobs HTTP/1.1\r\n" + HEAD + b"X: " + bytes(DIGITS) + b"\r\n\r\n", None),
    "an address of a megabyte": (b"GET /" + b"a" * DIGITS + b" HTTP/1.1\r\n" + HEAD + b"\r\n", 431),
    "a long path": (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", 414),
    "noise": (random.Random(0).randbytes(5000), None),
    "HTTP/0.9": (b"GET /api/health\r\n\r\n", 400),
    "HTTP/1.0": (b"GET /api/health HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
    "HTTP/1.0 without a host": (b"GET /api/health HTTP/1.0\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "two lengths": (b"POST /api/search HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "a length and chunks": (
        b"POST /api/search HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two encodings": (b"POST /api/search HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400),
    "a negative length": (b"POST /api/search HTTP/1.1\r\n" + HEAD + b"Content-Length: -5\r\n\r\n", 400),
    "a length of 30 digits": (
        b"POST /api/search HTTP/1.1\r\n" + HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        400,
    ),
    "an unknown method": (b"BREW /api/health HTTP/1.1\r\n" + HEAD + b"\r\n", 405),
    "a proxy's request": (b"CONNECT localhost:80 HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "another server's address": (b"GET http://evil.example/api/health HTTP/1.1\r\n" + HEAD + b"\r\n", 404),
    "HEAD": (b"HEAD /api/health HTTP/1.1\r\n" + HEAD + b"\r\n", 200),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_of_any_shape_is_answered(server: Server, name: str) -> None:
    request, expected = REQUESTS[name]
    status, body = answer(server.raw(request))
    assert status == expected if expected else 400 <= status < 500
    if status >= 400 and not request.startswith(b"HEAD"):
        assert set(json.loads(body)) == {"error"}
    assert server.client.get("/api/health").status_code == 200


BODIES = {
    "nested lists": (b"[" * 100_000 + b"]" * 100_000, 422),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 422),
    "nested in a field": (b'{"queries":["x"],"send":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422),
    "not a number": (b'{"queries":["x"],"threshold":NaN}', 422),
    "infinity": (b'{"queries":["x"],"fps":Infinity}', 422),
    "a float too large": (b'{"queries":["x"],"fps":1e400}', 422),
    "a million digits": (b'{"queries":["x"],"top":' + b"9" * DIGITS + b"}", 422),
    "half a surrogate": (b'{"queries":["\\ud800"]}', 422),
    "bytes that are no text": (b'{"queries":["\xff\xfe"]}', 422),
    "UTF-16": ('{"queries":["x"]}'.encode("utf-16"), 422),
    "nothing": (b"", 422),
    "three megabytes": (b'{"queries":["' + b"x" * 3 * DIGITS + b'"]}', 413),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_any_shape_is_refused_in_a_sentence(server: Server, name: str) -> None:
    body, expected = BODIES[name]
    path = f"/api/videos/{server.video('cat.mp4')}/find"
    told = server.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert told.status_code == expected, told.text
    assert set(told.json()) == {"error"} and len(told.json()["error"]) < 300


def test_a_compressed_body_is_not_unpacked(server: Server) -> None:
    bomb, video = gzip.compress(bytes(20 << 20)), server.video("cat.mp4")
    for path, kind in ((f"/api/videos/{video}/find", "application/json"), ("/api/videos?name=x.mp4", "video/mp4")):
        headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
        assert server.client.post(path, content=bomb, headers=headers).status_code == 415


def test_requests_that_are_sent_at_once_are_answered_in_turn(server: Server) -> None:
    one = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    told = server.raw(one * 20 + b"GET /api/nothing HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", told)] == [200] * 20 + [404]


@pytest.mark.parametrize(
    "ranges", ["0-1,2-3", "0-9,5-20", "0-1,0-1,0-1", "5-2", "-0", "9" * 40 + "-", "a-b", ",".join(["0-0"] * 500)]
)
def test_ranges_that_make_no_single_part_are_refused(server: Server, ranges: str) -> None:
    path = f"/api/videos/{server.video('cat.mp4')}/stream"
    assert server.client.get(path, headers={"Range": f"bytes={ranges}"}).status_code == 416


def test_head_is_answered_as_get_without_its_body(server: Server) -> None:
    video = server.video("cat.mp4")
    for path in ("/", "/api/health", "/api/jobs", f"/api/videos/{video}", f"/api/videos/{video}/stream", "/nothing"):
        got, head = server.client.get(path), server.client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == got.headers["content-length"]


@pytest.fixture
def own(videos: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that the test may burden."""
    with serving(videos, "--data", tmp_path / "data") as running:
        yield running
        assert running.said == []


def test_half_a_request_on_every_connection_keeps_nobody_out(own: Server) -> None:
    with ExitStack() as held:
        for _ in range(MAX_CONNECTIONS + 20):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", own.port)))
            connection.sendall(b"GET /api/vid")
        assert own.json("GET", "/api/health")["status"] == "ok"


def test_64_event_streams_are_left_open_and_the_server_ends_in_order(own: Server) -> None:
    job = own.client.post(
        f"/api/videos/{own.video('cat.mp4')}/find",
        json={"queries": [f"query {k}" for k in range(40)], "evidence": ["seen"], "cache": False, "fps": 30},
    ).json()
    request = f"GET /api/jobs/{job['id']}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as held:
        for _ in range(64):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", own.port), timeout=LIMIT))
            connection.sendall(request)
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert own.json("GET", "/api/health")["status"] == "ok"
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(timeout=LIMIT) in {0, -signal.SIGTERM}


def test_clients_that_leave_are_counted_and_not_logged(own: Server) -> None:
    video = own.video("cat.mp4")
    for line, rest in (
        (f"GET /api/videos/{video}/stream", b"\r\n"),
        (f"POST /api/videos/{video}/find", b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"),
        ("POST /api/videos?name=x.mp4", b"Content-Type: video/mp4\r\nContent-Length: 100000\r\n\r\nx"),
        ("GET /api/jobs", b"\r\n"),
    ):
        with socket.create_connection(("127.0.0.1", own.port)) as connection:
            connection.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
    wait_until(lambda: own.client.get("/metrics").text.count('status="499"} 1.0') >= 2)


def test_a_job_that_is_cancelled_as_it_starts_stays_cancelled(own: Server) -> None:
    path = f"/api/videos/{own.video('cat.mp4')}/find"
    for k in range(10):
        job = own.client.post(path, json={"queries": [f"query {k}"], "evidence": ["said"]}).json()
        own.client.post(f"/api/jobs/{job['id']}/cancel")
        assert own.ended(job)["state"] in {"cancelled", "done"}
    last = own.client.post(path, json={"queries": ["the last one"], "evidence": ["said"]}).json()
    assert own.ended(last)["state"] == "done"


def test_sigterm_in_the_middle_of_a_job_and_the_next_start(videos: Path, tmp_path: Path) -> None:
    server = start(videos, "--data", tmp_path / "data")
    body = {"queries": ["a cat"], "evidence": ["seen"], "cache": False, "fps": 30}
    job = server.client.post(f"/api/videos/{server.video('cat.mp4')}/find", json=body).json()
    wait_until(lambda: server.json("GET", f"/api/jobs/{job['id']}")["state"] == "running")
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=LIMIT)
    server.client.close()
    assert server.said == []
    with serving(videos, "--data", tmp_path / "data") as again:
        assert again.ended(job)["state"] == "done"
