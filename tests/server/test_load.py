"""Fifty players and twenty finds at once, and the power fails in the middle: nobody is refused, nothing is lost."""

from __future__ import annotations

import hashlib
import random
import threading
from pathlib import Path

import httpx
import pytest
from processes import LIMIT
from serving import Server, start

PLAYERS, FINDS = 50, 20
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


def memory(server: Server) -> int:
    """Bytes that the process of the server holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) << 10


@pytest.mark.slow
def test_players_and_finds_at_once_and_a_kill_in_the_middle(videos: Path, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    large = tmp_path / "large"
    large.mkdir()
    content = (videos / "cat.mp4").read_bytes()
    # A video of 24 MB: players read its boxes and pass over the free one at its end.
    padding = 24 << 20
    content += padding.to_bytes(4, "big") + b"free" + random.Random(0).randbytes(padding - 8)
    (large / "large.mp4").write_bytes(content)
    data, cache = tmp_path / "data", {"WHENABOUTS_CACHE": str(tmp_path / "cache")}
    server = start(large, "--data", data, **cache)
    try:
        video = server.video("large.mp4")
        server.client.get(f"/api/videos/{video}")
        before = memory(server)
        jobs = _ask(server, video)
        waiting = sorted(server.json("GET", "/api/jobs?state=queued")["jobs"], key=lambda job: job["position"])
        assert len({job["request"]["queries"][0].split()[0] for job in waiting[:4]}) == 4, "clients take turns"
        wrong, peak = _play(server, video, content)
        assert wrong == []
        assert peak - before < 64 << 20, f"{(peak - before) >> 20} MiB more for {PLAYERS} players of 24 MiB each"
        assert server.json("GET", "/api/jobs?state=queued")["jobs"], "finds still wait when the power fails"
        server.kill()
        server = start(large, "--data", data, **cache)
        told = [server.ended({"id": job}) for job in jobs]
        assert [job["state"] for job in told] == ["done"] * FINDS
        assert all(job["result"]["predictions"][0]["query"] == job["request"]["queries"][0] for job in told)
        assert len({job["id"] for job in server.json("GET", "/api/jobs")["jobs"]}) == FINDS, "none is done twice"
    finally:
        server.kill()


def _ask(server: Server, video: str) -> list[str]:
    jobs = []
    for number in range(4):
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{number + 1}")
        with httpx.Client(transport=transport, base_url=server.address, timeout=LIMIT) as client:
            for k in range(FINDS // 4):
                body = {"queries": [f"client{number} asks {k}"], "evidence": ["seen"], "fps": 4 + k, "cache": False}
                answer = client.post(f"/api/videos/{video}/find", json=body)
                assert answer.status_code == 202, answer.text
                jobs.append(answer.json()["id"])
    return jobs


def _play(server: Server, video: str, content: bytes) -> tuple[list[str], int]:
    """What went wrong for players that each read some ranges, and the most memory the server held meanwhile."""
    wrong: list[str] = []
    peak, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.05):
            peak = max(peak, memory(server))

    def player(number: int) -> None:
        choice = random.Random(number)
        try:
            with httpx.Client(base_url=server.address, timeout=LIMIT) as client:
                for _ in range(4):
                    first = choice.randrange(len(content) - 1)
                    last = min(len(content) - 1, first + choice.randrange(1 << 20))
                    headers = {"Range": f"bytes={first}-{last}"}
                    answer = client.get(f"/api/videos/{video}/stream", headers=headers)
                    same = hashlib.sha256(answer.content).digest() == hashlib.sha256(content[first : last + 1]).digest()
                    if answer.status_code != 206 or not same:
                        wrong.append(f"{answer.status_code} {headers}")
        except httpx.HTTPError as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=player, args=(number,)) for number in range(PLAYERS)]
    observer = threading.Thread(target=watch)
    observer.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    observer.join()
    return wrong, peak
