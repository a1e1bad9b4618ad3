"""The server under 64 clients, with a worker busy and the disk full for ten of sixty seconds.

    python bench/server_load.py [--quick | --smoke]

A real `whenabouts serve` keeps its data on a small disk of its own: a tmpfs where one can be mounted, else the size of
its files is limited for as long as the disk is to be full. Clients in processes of their own read (lists, facts,
pictures, ranges of bytes, annotations, jobs) and write (corrections, finds), each with pauses of half a second on
average, as people do; every process follows a job by server-sent events. A queue of finds keeps the worker busy.

Prints a table of the answers before, while and after the disk is full, what happened to the jobs, and a line of JSON:
p50 and p99 in ms, memory of the server in MiB, and `holds`: no status of 500 or more but 507 and 503, a p99 of reads
below 300 ms, memory that grows by less than a tenth from the first third to the end, and every acknowledged
correction is there at the end. Clients, worker and server share the cores with whatever else runs: `load` is the
machine's load average, and `oversleep_p99_ms` how late a process that only waits is woken in the same minute;
`server_cpu_ms` is what the server itself computes for a request, which no load changes much.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from _size import parser

from whenabouts.synthetic.rendered import Rendered

DISK = 48 << 20  # bytes
PAUSE = 0.5  # seconds between two requests of a client, on average
RAMP = 2.0  # seconds in which the clients come
PROCESSES = 4
P99_LIMIT = 300.0  # ms, of reads
GROWTH_LIMIT = 1.1  # of the memory of the server
ALLOWED = {503, 507}
Kind = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Answer:
    """When a request was sent, in seconds since the epoch, how long its answer took, and its status."""

    at: float
    seconds: float
    kind: Kind
    status: int
    saved: tuple[str, str, str] | None = None  # video, query and annotator of a correction that was acknowledged


class Connection:
    """A client of HTTP/1.1 that costs little: the clients share the cores with the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", head)
        answer = await reader.readexactly(int(length[1])) if length else b""
        if "connection: close" in head:
            writer.close()
            self._streams = None
        return int(head.split()[1]), answer


async def client(port: int, videos: Sequence[str], until: float, seed: int) -> list[Answer]:
    """The answers to one client."""
    choice, connection, answers = random.Random(seed), Connection(port), []
    await asyncio.sleep(choice.uniform(0, RAMP))
    while (at := time.time()) < until:
        kind, request = _request(choice, videos, seed)
        began = time.perf_counter()
        try:
            status, _ = await connection.ask(**request)
        except (OSError, asyncio.IncompleteReadError):
            status, connection = 599, Connection(port)  # the server hung up
        correction = request["method"] == "PUT" and status == 200
        saved = (request["path"], request["body"]["query"], request["body"]["annotator"]) if correction else None
        answers.append(Answer(at, time.perf_counter() - began, kind, status, saved))
        await asyncio.sleep(choice.expovariate(1 / PAUSE))
    return answers


def _request(choice: random.Random, videos: Sequence[str], seed: int) -> tuple[Kind, dict[str, Any]]:
    """What a client asks next."""
    video = f"/api/videos/{choice.choice(videos)}"
    draw = choice.random()
    if draw < 0.01:
        body = {"queries": [f"a red circle {choice.random()}"], "evidence": ["seen"], "cache": False}
        return "write", {"method": "POST", "path": f"{video}/find", "body": body}
    if draw < 0.2:
        body = {"query": f"query {choice.random()}", "annotator": f"client {seed}", "windows": [[0.0, 1.5]]}
        return "write", {"method": "PUT", "path": f"{video}/annotations", "body": body}
    if draw < 0.4:
        first = choice.randrange(1000)
        return "read", {"method": "GET", "path": f"{video}/stream", "Range": f"bytes={first}-{first + 65535}"}
    pages = (
        *("/api/videos", video, f"{video}/annotations", f"{video}/strip?count=8", f"{video}/picture?t=1"),
        *("/api/jobs?limit=20", "/api/health", "/", "/api/about"),
    )
    return "read", {"method": "GET", "path": choice.choice(pages)}


def clients(port: int, videos: Sequence[str], until: float, seeds: Sequence[int], job: str, told: Any) -> None:
    """Several clients in a process of their own, beside one that follows a job."""

    async def all_of_them() -> list[Answer]:
        beside = [asyncio.create_task(_follow(port, job)), asyncio.create_task(_oversleep(late))]
        answers = await asyncio.gather(*(client(port, videos, until, seed) for seed in seeds))
        for each in beside:
            each.cancel()
        return [each for of_one in answers for each in of_one]

    late: list[float] = []
    told.put((asyncio.run(all_of_them()), late))


async def _oversleep(late: list[float]) -> None:
    """How late a process that needs next to no time gets it, in ms: what no server on this machine could better."""
    while True:
        due = time.perf_counter() + 0.05
        await asyncio.sleep(0.05)
        late.append(1e3 * (time.perf_counter() - due))


async def _follow(port: int, job: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/jobs/{job}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    while await reader.read(65536):
        pass


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """A folder, and whether it is a disk of its own."""
    with tempfile.TemporaryDirectory() as place:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", place]
        own = sys.platform == "linux" and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            yield Path(place), own
        finally:
            if own:
                subprocess.run(["umount", "-l", place], check=False)


@contextmanager
def full(place: Path, own: bool, server: int) -> Iterator[None]:
    """Nothing can be written to the disk of the server in the block."""
    if not own:
        resource.prlimit(server, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        yield
        resource.prlimit(server, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return
    filling = place / "filling"
    with filling.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    filling.unlink()


@contextmanager
def serving(folder: Path, data: Path) -> Iterator[tuple[int, int]]:
    """The process and the port of a server."""
    command = [sys.executable, "-m", "whenabouts", "serve", str(folder), "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = re.search(r":(\d+)/", process.stdout.readline())
            assert port is not None, "the server did not start"
            yield process.pid, int(port[1])
        finally:
            process.send_signal(signal.SIGTERM)


def ask(port: int, path: str, body: Any = None) -> Any:
    """An answer of the API."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def memory(process: int) -> float:
    """MiB that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")


def computed(process: int) -> float:
    """Seconds of CPU time, user and system, that a process has used."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(count: int, seconds: float, filled: float) -> dict[str, Any]:
    """The report of one run of `seconds`, for `filled` of which the disk is full."""
    with tempfile.TemporaryDirectory() as made, small_disk() as (place, own):
        folder = Path(made) / "videos"
        folder.mkdir()
        os.environ["WHENABOUTS_CACHE"] = str(Path(made) / "cache")
        Rendered(2, seed=3, scenes=8).write(folder)
        with serving(folder, place / "data") as (server, port):
            videos = [each["id"] for each in ask(port, "/api/videos")["videos"]]
            body = {"queries": ["a red circle"], "evidence": ["seen"], "cache": False, "fps": 8}
            jobs = [ask(port, f"/api/videos/{videos[k % len(videos)]}/find", body)["id"] for k in range(90)]
            for video in videos:  # as the page does when it is opened
                ask(port, f"/api/videos/{video}")
                ask(port, f"/api/videos/{video}/strip?count=8")
            told: Any = multiprocessing.Queue()
            began, used = time.time(), computed(server)
            parts = [list(range(k, count, PROCESSES)) for k in range(min(PROCESSES, count))]
            processes = [
                multiprocessing.Process(target=clients, args=(port, videos, began + seconds, part, jobs[-1], told))
                for part in parts
            ]
            for process in processes:
                process.start()
            time.sleep(0.4 * (seconds - filled))
            held = [memory(server)]
            filling = time.time()
            with full(place, own, server):
                time.sleep(filled / 2)
                degraded = ask(port, "/api/health")
                time.sleep(max(0.0, filling + filled - time.time()))
            since = time.time()
            while ask(port, "/api/health")["status"] != "ok":
                time.sleep(0.1)
            recovered = time.time() - since
            held.append(memory(server))
            answers, late = [], []
            for _ in processes:
                some, waited = told.get()
                answers += some
                late += waited
            for process in processes:
                process.join()
            held.append(memory(server))
            used = computed(server) - used
            load = os.getloadavg()
            kept = {
                (place, each["query"], each["annotator"])
                for place in (f"/api/videos/{video}/annotations" for video in videos)
                for each in ask(port, place)["annotations"]
            }
            states = Counter(each["state"] for each in ask(port, "/api/jobs?limit=1000")["jobs"])
    bounds = [began, filling, since, float("inf")]
    _print(answers, bounds, own)
    print(f"jobs at the end: {dict(states)}; while full, health said: {degraded['status']}, {degraded['reason']}")
    reads = sorted(1e3 * each.seconds for each in answers if each.kind == "read")
    wrong = Counter(each.status for each in answers if each.status >= 500 and each.status not in ALLOWED)
    p99 = _percentile(reads, 99)
    lost = {each.saved for each in answers if each.saved} - kept
    holds = (
        not wrong
        and not lost
        and p99 < P99_LIMIT
        and held[-1] < GROWTH_LIMIT * held[0]
        and degraded["status"] == "degraded"
    )
    return {
        "clients": count,
        "requests": len(answers),
        "wrong": dict(wrong),
        "read_p50_ms": round(statistics.median(reads), 1),
        "read_p99_ms": round(p99, 1),
        "limit_ms": P99_LIMIT,
        "server_cpu_ms": round(1e3 * used / max(1, len(answers)), 2),
        "oversleep_p99_ms": round(_percentile(sorted(late), 99), 1),
        "write_p99_ms": round(_percentile(sorted(1e3 * e.seconds for e in answers if e.kind == "write"), 99), 1),
        "rss_mib": [round(each) for each in held],
        "recovered_s": round(recovered, 1),
        "corrections": len(kept),
        "lost": len(lost),
        "load": [round(each, 1) for each in load],
        "holds": holds,
    }


def _print(answers: Sequence[Answer], bounds: Sequence[float], own: bool) -> None:
    print(f"disk: {'a tmpfs' if own else 'a limit of the size of files'}")
    print(f"{'phase':8}{'kind':8}{'requests':>9}{'p50 ms':>9}{'p99 ms':>9}  statuses")
    for phase, start, end in zip(("before", "full", "after"), bounds, bounds[1:], strict=False):
        for kind in ("read", "write"):
            chosen = [each for each in answers if each.kind == kind and start <= each.at < end]
            times = sorted(1e3 * each.seconds for each in chosen)
            statuses = dict(sorted(Counter(each.status for each in chosen).items()))
            middle = statistics.median(times) if times else float("nan")
            print(f"{phase:8}{kind:8}{len(chosen):9}{middle:9.1f}{_percentile(times, 99):9.1f}  {statuses}")


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")


def main() -> None:
    report = measure(*parser(__doc__).parse_args().size.pick((64, 60.0, 10.0), (64, 15.0, 4.0), (4, 4.0, 2.0)))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
