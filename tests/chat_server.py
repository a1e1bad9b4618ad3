"""A server that speaks OpenAI's chat protocol, for tests: real HTTP on the loopback, answers as scripted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[dict[str, Any], int], "str | int | bytes"]


@contextmanager
def chat_server(script: Script) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and the requests it got. `script(request, number)` gives words, a status to fail with, or a body."""
    got: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request["_path"], request["_key"] = self.path, self.headers.get("Authorization")
            with lock:
                number = len(got)
                got.append(request)
            said = script(request, number)
            body = said if isinstance(said, bytes) else b'{"error": "scripted: logprobs is not supported"}'
            if isinstance(said, str):
                usage = {"prompt_tokens": 100, "completion_tokens": 7}
                choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
                body = json.dumps(
                    {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
                ).encode()
            self.send_response(said if isinstance(said, int) else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[tuple[str, Callable[[], int]]]:
    """The address of a server that takes every connection and never answers, and how many it took so far."""
    taken: list[socket.socket] = []

    def take() -> None:
        while True:
            try:
                taken.append(listening.accept()[0])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", lambda: len(taken)
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()
