"""Addresses on the network: cut off and sent again from outside, clocks that jump, and what is never opened."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from live_servers import free_port, pieces, web
from media import make_video, read_number

from whenabouts.errors import VideoError
from whenabouts.video import Frame
from whenabouts.video.live import Notice, Stream, open_live

BACK = {"timeout": 60.0, "stall": 60.0}  # nothing is taken for a stall because the machine is busy


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("stream") / "a.ts"
    make_video(path, seconds=4, gop=10, bframes=0)
    return path.read_bytes()


def until(source: Stream, *, count: int = 0, happened: str = "") -> Iterator[Any]:
    """What arrives up to the `count`-th picture, or to a notice."""
    seen = 0
    for each in source:
        yield each
        seen += isinstance(each, Frame)
        if (count and seen == count) or (happened and isinstance(each, Notice) and each.happened == happened):
            return


def numbers(arrivals: list[Any]) -> list[int]:
    return [read_number(each.image) for each in arrivals if isinstance(each, Frame)]


def notices(arrivals: list[Any]) -> list[str]:
    return [each.happened for each in arrivals if isinstance(each, Notice)]


def is_rising(arrivals: list[Any]) -> bool:
    times = [each.time for each in arrivals if isinstance(each, Frame)]
    return times == sorted(set(times))


def test_a_source_that_is_cut_and_comes_back_is_read_on(stream: bytes) -> None:
    port, hold = free_port(), threading.Event()

    def held(_: str) -> Iterator[bytes]:
        yield from pieces(stream)
        hold.wait(60)

    source = open_live(f"http://user:secret@127.0.0.1:{port}/a.ts?key=secret", wait=None, drop="none", **BACK)
    with source:
        with web(held, port):
            got = list(until(source, count=90))
        got += until(source, happened="lost")
        with web(held, port):
            got += until(source, count=50)
        hold.set()
    assert notices(got) == ["lost", "resumed"]
    assert numbers(got) == [*range(100), *range(50)]
    assert is_rising(got)
    lost, resumed = (each for each in got if isinstance(each, Notice))
    assert resumed.since == lost.time < resumed.time
    first = next(each for each in got[got.index(resumed) :] if isinstance(each, Frame))
    assert first.time == pytest.approx(resumed.time, abs=0.001)
    assert "secret" not in repr(got) + source.name + repr(source)
    assert source.utc(lost.time) is not None


def test_a_playlist_that_grows_is_read_without_a_seam(tmp_path: Path) -> None:
    segments = []
    for k in range(8):
        make_video(tmp_path / "s.ts", seconds=1, bframes=0, offset=10.0 + k, numbers=range(25 * k, 25 * k + 25))
        segments.append((tmp_path / "s.ts").read_bytes())
    port, asked, grown = free_port(), [0], [3]

    def answer(path: str) -> bytes | None:
        if path == "/live.m3u8":
            asked[0] += 1
            grown[0] = min(8, max(grown[0], asked[0] + 2))
            first = max(0, grown[0] - 4)
            lines = [f"#EXTINF:1.0,\n{k}.ts" for k in range(first, grown[0])] + ["#EXT-X-ENDLIST"] * (grown[0] == 8)
            head = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
            return (head + "\n".join(lines) + "\n").encode()
        return segments[int(path[1:].removesuffix(".ts"))]

    with open_live(f"http://127.0.0.1:{port}/live.m3u8", wait=None, drop="none", **BACK) as source:
        with web(answer, port):
            got = list(until(source, count=60))
        with web(answer, port):
            got += source
    assert numbers(got) == list(range(200))
    times = [each.time for each in got if isinstance(each, Frame)]
    assert max(abs(time - number / 25) for time, number in zip(times, numbers(got), strict=True)) < 0.002
    assert notices(got)[-1] == "ended"


def test_datagrams_are_read_and_a_sender_that_begins_again_is_a_jump(stream: bytes) -> None:
    port, stop = free_port(socket.SOCK_DGRAM), threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not stop.is_set():
                for piece in pieces(stream):
                    sender.sendto(piece, ("127.0.0.1", port))
                    stop.wait(0.005)

    sending = threading.Thread(target=send)
    sending.start()
    with open_live(f"udp://127.0.0.1:{port}", wait=None, **BACK) as source:
        got = list(until(source, happened="jumped"))
        got += until(source, count=30)
    stop.set()
    sending.join()
    assert is_rising(got)
    assert "jumped" in notices(got)
    assert len(numbers(got)) > 60


def test_a_connection_that_nobody_speaks_on_stalls_and_is_opened_again(stream: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            kept = []
            for _ in range(2):
                connection, _ = server.accept()
                connection.sendall(stream)
                kept.append(connection)
            done.wait(60)
            for each in kept:
                each.close()

        done = threading.Event()
        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with open_live(f"tcp://127.0.0.1:{server.getsockname()[1]}", stall=0.2, timeout=2.0, drop="none") as source:
            got = list(until(source, happened="resumed"))
            got += until(source, count=20)
        done.set()
    told = [kind for kind, _ in groupby(each for each in notices(got) if each != "damaged")]
    assert told[:3] == ["stalled", "lost", "resumed"]  # a busy machine may have stalled before, too
    assert is_rising(got)


def test_a_reader_that_is_too_slow_makes_nobody_wait(stream: bytes) -> None:
    hold, sent = threading.Event(), [0]

    def body(_: str) -> Iterator[bytes]:
        while not hold.is_set():
            yield from pieces(stream)
            sent[0] += 1
            hold.wait(0.01)

    with web(body) as url, open_live(f"{url}/a.ts", backlog=1.0, **BACK) as source:
        got = []
        for each in until(source, happened="dropped"):
            got.append(each)
            time.sleep(0.01)  # longer than a picture takes to come
        hold.set()
    assert got[-1].count > 0
    assert got[-1].since <= got[-1].time
    assert is_rising(got)
    assert len(numbers(got)) < 100 * sent[0]


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{file}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{file}\n",
        '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="{file}"\n#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n',
        '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="{file}"\n#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n',
        "ffconcat version 1.0\nfile '{file}'\n",
    ],
)
@pytest.mark.parametrize("scheme", ["file://", "", "concat:", "file:"])
def test_a_playlist_never_reaches_a_local_file(tmp_path: Path, stream: bytes, playlist: str, scheme: str) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(stream)
    body = playlist.format(file=f"{scheme}{secret}").encode()
    with web(lambda path: body if path == "/live.m3u8" else None) as url, pytest.raises(VideoError):
        assert list(open_live(f"{url}/live.m3u8", timeout=30)) == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
def test_a_server_has_to_prove_who_it_is(tmp_path: Path, stream: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -days 2 -subj /CN=x"
    subprocess.run([*make.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    with web(lambda _: stream, certificate=(certificate, key)) as url:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(VideoError, match="cannot be reached"):
            list(open_live(f"{url}/a.ts"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with open_live(f"{url}/a.ts", drop="none") as source:
            assert numbers(list(until(source, count=100))) == list(range(100))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("srt://127.0.0.1:9", "SRT"),
        ("file:///etc/passwd", "path"),
        ("ftp://user:secret@127.0.0.1/a.ts", "unknown scheme"),
        ("http:///a.ts", "no host"),
        ("tcp://127.0.0.1", "no port"),
        ("udp://127.0.0.1:99999", "impossible"),
        ("http://user:secret@127.0.0.1:{port}/a.ts", "cannot be reached"),
        ("rtsp://user:secret@127.0.0.1:{port}/a", "cannot be reached"),
        ("rtmp://user:secret@127.0.0.1:{port}/a/b", "cannot be reached"),
    ],
)
def test_what_cannot_be_reached_is_refused_in_a_sentence(address: str, says: str) -> None:
    with pytest.raises(VideoError, match=says) as refused:
        list(open_live(address.format(port=free_port())))
    assert "secret" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_a_source_that_waits_for_the_network_is_closed_at_once() -> None:
    port = free_port(socket.SOCK_DGRAM)
    source = open_live(f"udp://127.0.0.1:{port}", wait=None, timeout=2.0)
    threading.Timer(0.1, source.close).start()
    begin = time.monotonic()
    assert notices(list(source)) == ["ended"]
    source.join()
    assert time.monotonic() - begin < 60


def test_an_interpreter_that_ends_takes_no_thread_along() -> None:
    program = "import sys, threading\nfrom whenabouts.video.live import open_live\n"
    program += "source = open_live(sys.argv[1], wait=None, timeout=1.0)\nthreading.Timer(0.5, source.close).start()\n"
    program += "print([each.happened for each in source])"
    address = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    done = subprocess.run([sys.executable, "-c", program, address], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['ended']\n", "")
