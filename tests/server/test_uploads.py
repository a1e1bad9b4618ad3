"""Uploads are kept whole, as videos, under names that open nothing; anything else leaves nothing."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from disks import small_disk
from media import malformed
from processes import LIMIT, wait_until
from serving import Server, serving

from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.server.uploads import MAX_UPLOADS, Uploads, safe_name

MOST = 300_000
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def small(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose uploads are small."""
    data = tmp_path_factory.mktemp("uploads") / "data"
    with serving("--data", data, "--upload-limit", str(MOST / 2**30)) as running:
        yield running


def kept(server: Server) -> list[str]:
    """What lies in the folder of uploads, all of it."""
    folder = server.data / "uploads"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_disk_that_is_not_full_is_not_called_full(tmp_path: Path, videos: Path) -> None:
    content = (videos / "cat.mp4").read_bytes()
    with small_disk(tmp_path / "data", "24m") as data, serving("--data", data) as server:
        sent = server.client.post("/api/videos?name=a.mp4", content=content, headers=BYTES)
        assert sent.status_code == 201, "a small disk has room for a small video"
        refused = server.client.post("/api/videos?name=b.mp4", content=bytes(23 << 20), headers=BYTES)
        assert refused.status_code == 507
        assert re.fullmatch(r"uploads may take \d+ MiB more on the disk .*; nothing was saved", refused.json()["error"])
        assert server.json("GET", "/api/health")["status"] == "ok"


HOSTILE = [
    "../../../etc/passwd.mp4",
    "..\\..\\windows\\system32\\x.mp4",
    "%2e%2e%2fx.mp4",
    "a\0b.mp4",
    "<script>alert(1)</script>.mp4",
    "-rf.mp4",
    "concat:a|b.mp4",
    "frame%03d.mp4",
    "\u202e4pm.exe",
    "." * 30,
    "x" * 900,
    "con.mp4",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_shown_and_opens_nothing(small: Server, videos: Path, name: str) -> None:
    answer = small.client.post(
        "/api/videos", params={"name": name}, content=(videos / "cat.mp4").read_bytes(), headers=BYTES
    )
    assert answer.status_code == 201, answer.text
    video = answer.json()
    assert video["name"] == safe_name(name) and not set(video["name"]) & set("/\\\0\u202e")
    assert video["within"] == "" and answer.headers["content-type"] == "application/json"
    assert small.json("GET", f"/api/videos/{video['id']}")["duration"] == pytest.approx(8, abs=0.1)
    [named, file] = [place for place in kept(small) if "/" in place]
    assert Path(file).name == "video.mp4" and Path(named).name == "name.txt"
    assert small.client.delete(f"/api/videos/{video['id']}").status_code == 204
    assert small.client.get(f"/api/videos/{video['id']}").status_code == 404
    assert kept(small) == []


def test_what_is_no_video_is_refused_and_not_kept(small: Server, tmp_path: Path) -> None:
    folder = tmp_path / "malformed"
    folder.mkdir()
    refused = 0
    for path in malformed(folder):
        if not path.is_file() or path.stat().st_size > MOST:
            continue
        answer = small.client.post("/api/videos", params={"name": "x.mp4"}, content=path.read_bytes(), headers=BYTES)
        assert answer.status_code in {201, 409}, (path, answer.text)
        if answer.status_code == 201:
            small.client.delete(f"/api/videos/{answer.json()['id']}")
            continue
        refused += 1
        assert str(tmp_path.parts[1]) not in answer.json()["error"] and "uploads" not in answer.json()["error"]
        assert kept(small) == [], path
    assert refused > 10


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n",
    ],
)
def test_a_playlist_is_no_video_whatever_it_is_called(small: Server, content: bytes) -> None:
    answer = small.client.post("/api/videos?name=holiday.mp4", content=content, headers=BYTES)
    assert answer.status_code == 409 and answer.json()["error"].startswith("holiday.mp4 ")
    assert kept(small) == []


def test_too_large_is_refused_before_it_is_sent(small: Server) -> None:
    head = (
        f"POST /api/videos?name=x.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {10**12}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", small.port), timeout=LIMIT) as connection:
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(65536).splitlines()[0]
    assert kept(small) == []


@pytest.mark.parametrize("told", [True, False], ids=["told", "in chunks"])
def test_the_refusal_of_a_large_upload_is_read_after_all_of_it_was_sent(small: Server, told: bool) -> None:
    """A client that sends first and reads then must not find the connection reset."""
    size, kind = 8_000_000, b"Host: localhost\r\nContent-Type: video/mp4\r\n"
    body = bytes(size) if told else b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size))
    how = b"Content-Length: %d\r\n\r\n" % size if told else b"Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", small.port), timeout=LIMIT) as connection:
        connection.sendall(b"POST /api/videos?name=x.mp4 HTTP/1.1\r\n" + kind + how + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 413 " in answer.splitlines()[0] and answer.endswith(b'the most allowed here"}')
    assert kept(small) == []


def test_an_endless_upload_is_refused_on_the_way(small: Server) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(65536)

    with suppress(httpx.TransportError):  # the server hangs up before all of it is sent
        answer = small.client.post("/api/videos?name=x.mp4", content=endless(), headers=BYTES)
        assert answer.status_code == 413
    wait_until(lambda: not kept(small))


def test_an_upload_of_nothing_is_refused(small: Server) -> None:
    answer = small.client.post("/api/videos?name=x.mp4", content=b"", headers=BYTES)
    assert answer.status_code == 409 and "empty" in answer.json()["error"]
    assert kept(small) == []


def test_slow_uploads_of_everybody_else_do_not_keep_one_out(small: Server, videos: Path) -> None:
    head = b"POST /api/videos?name=x.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\n"
    with ExitStack() as held:
        for _ in range(MAX_UPLOADS // 2 - 1):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", small.port)))
            connection.sendall(head + b"Content-Length: 1000\r\n\r\nx")
        wait_until(lambda: len(kept(small)) >= MAX_UPLOADS - 2)  # a folder and a file of each
        content = (videos / "cat.mp4").read_bytes()
        answer = small.client.post("/api/videos", params={"name": "x.mp4"}, content=content, headers=BYTES)
        assert answer.status_code == 201
        small.client.delete(f"/api/videos/{answer.json()['id']}")
    wait_until(lambda: not kept(small))


def test_where_there_is_no_place_the_slowest_gives_up_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.server.uploads.GRACE_SECONDS", 0.0)

    async def stalled(sent: asyncio.Event) -> AsyncIterator[bytes]:
        yield b"x"
        sent.set()
        await asyncio.Event().wait()

    async def crowd() -> list[int]:
        uploads = Uploads(tmp_path / "uploads", MOST, QuickTasks())
        began = [asyncio.Event() for _ in range(MAX_UPLOADS)]
        running = [
            asyncio.create_task(uploads.receive(f"client {k % 4}", "x.mp4", stalled(event), None))
            for k, event in enumerate(began)
        ]
        for event in began:
            await event.wait()
        last = asyncio.Event()
        running.append(asyncio.create_task(uploads.receive("one more", "x.mp4", stalled(last), None)))
        await last.wait()
        ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return [getattr(each.exception(), "status_code", 0) for each in ended]

    assert asyncio.run(crowd()) == [408]
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_that_breaks_off_leaves_nothing(small: Server, videos: Path, chunked: bool) -> None:
    content = (videos / "cat.mp4").read_bytes()
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(content)}"
    head = f"POST /api/videos?name=x.mp4 HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\n{how}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", small.port)) as connection:
        connection.sendall(head.encode())
        half = content[: len(content) // 2]
        connection.sendall(f"{len(half):x}\r\n".encode() + half + b"\r\n" if chunked else half)
        wait_until(lambda: kept(small))  # the upload has begun
        assert small.json("GET", "/api/videos?folder=uploads")["total"] == 0, "and is not seen before it is whole"
    wait_until(lambda: not kept(small))


def test_what_a_killed_server_left_half_done_is_swept(videos: Path, tmp_path: Path) -> None:
    part = tmp_path / "data" / "uploads" / ".part-3f"
    part.mkdir(parents=True)
    shutil.copy(videos / "cat.mp4", part / "video.mp4")
    with serving("--data", tmp_path / "data") as server:
        assert server.json("GET", "/api/videos")["total"] == 0
        assert not part.exists()
