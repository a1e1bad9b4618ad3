"""A real `whenabouts serve` in a process of its own, for tests."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from processes import LIMIT, wait_until


class Server:
    """A running server: its process, address and data folder, a client, and what it said on stderr."""

    def __init__(self, process: subprocess.Popen[str], line: str, data: Path) -> None:
        self.process, self.line, self.data = process, line, data
        found = re.search(r"http://\S+", line)
        assert found, line + process.communicate()[1]
        self.address = found[0].partition("?")[0].rstrip("/")
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.client = httpx.Client(base_url=self.address, timeout=LIMIT)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said += self.process.stderr

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    def json(self, method: str, path: str, *, status: int | None = None, **more: Any) -> Any:
        answer = self.client.request(method, path, **more)
        assert status is None or answer.status_code == status, answer.text
        return answer.json()

    def video(self, name: str) -> str:
        """The id of a video by its name."""
        videos = self.json("GET", "/api/videos?limit=1000")["videos"]
        return next(video["id"] for video in videos if video["name"] == name)

    def ended(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job once it has ended."""

        def told() -> dict[str, Any] | None:
            now: dict[str, Any] = self.json("GET", f"/api/jobs/{job['id']}")
            return now if now["state"] in {"done", "failed", "cancelled"} else None

        return wait_until(told)

    def raw(self, request: bytes, *, seconds: float = LIMIT) -> bytes:
        """What the server answers to these very bytes, until it hangs up or `seconds` went by without more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(request)
            answer = b""
            with suppress(TimeoutError):
                while chunk := connection.recv(65536):
                    answer += chunk
        return answer

    def kill(self) -> None:
        """As a power failure would."""
        self.process.kill()
        self.process.wait()
        self.client.close()


def start(*arguments: str | Path, **environment: str) -> Server:
    command = [sys.executable, "-m", "whenabouts", "serve", *map(str, arguments)]
    if "--port" not in command:
        command += ["--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    assert process.stdout is not None
    return Server(process, process.stdout.readline(), Path(command[command.index("--data") + 1]))


@contextmanager
def serving(*arguments: str | Path, **environment: str) -> Iterator[Server]:
    server = start(*arguments, **environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGINT)
            try:
                server.process.wait(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                server.process.kill()
                server.process.wait()
        server.client.close()
