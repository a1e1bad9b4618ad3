"""A server that speaks OpenAI's chat protocol, for tests: real HTTP on the loopback, answers as scripted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Raw:
    """An answer as it goes over the wire, in parts.

    length: what is said of it; None says nothing, as of a stream, and `chunked` sends its parts as chunks
    reset:  the connection is broken after the last part
    """

    parts: Iterable[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    chunked: bool = False
    reset: bool = False


Script = Callable[[dict[str, Any], int], "str | int | bytes | tuple[int, str] | dict[str, Any] | Raw"]


def spoken(text: Any, finish: str = "stop", usage: Any = None, **message: Any) -> dict[str, Any]:
    """The body of an answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text} | message,
        "finish_reason": finish,
    }
    told = {"prompt_tokens": 100, "completion_tokens": 7} if usage is None else usage
    return {"id": "x", "object": "chat.completion", "choices": [choice], "usage": told}


def refused(status: int, message: str, **more: Any) -> Raw:
    """A refusal in OpenAI's form."""
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}}).encode()
    return Raw([body], status, length=len(body))


def streamed(*deltas: str, finish: str | None = "stop", done: bool = True, **how: Any) -> Raw:
    """An answer in pieces, as server-sent events."""
    events = [{"choices": [{"index": 0, "delta": {"content": delta}, "finish_reason": None}]} for delta in deltas]
    if finish:
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        events.append({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 7}})
    parts = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
    return Raw([*parts, *([b"data: [DONE]\n\n"] if done else [])], headers={"Content-Type": "text/event-stream"}, **how)


@contextmanager
def chat_server(
    script: Script, *, models: Sequence[str] | None = ("some-model",), host: str = "127.0.0.1", prefix: str = ""
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and the requests it got.

    `script(request, number)` gives words, a status to fail with, with or without what is said then, a body, its JSON,
    or a `Raw` answer. Without `models` the server lists none. With a prefix, all other addresses are unknown.
    """
    got: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = models is not None and self.path.endswith("/models")
            self._send(json.dumps({"data": [{"id": name} for name in models or ()]}).encode(), 200 if known else 404)

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.startswith(prefix):
                self._send(b'{"detail": "Not Found"}', 404)
                return
            request["_path"], request["_key"] = self.path, self.headers.get("Authorization")
            with lock:
                number = len(got)
                got.append(request)
            said = script(request, number)
            if isinstance(said, tuple):
                said = refused(*said)
            if isinstance(said, Raw):
                with suppress(OSError):  # whoever asked may be gone
                    self._raw(said)
                return
            body = said if isinstance(said, bytes) else b'{"error": "scripted: logprobs is not supported"}'
            if isinstance(said, str | dict):
                body = json.dumps(spoken(said) if isinstance(said, str) else said).encode()
            self._send(body, said if isinstance(said, int) else 200)

        def _send(self, body: bytes, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def _raw(self, said: Raw) -> None:
            self.send_response(said.status)
            for name, value in ({"Content-Type": "application/json"} | said.headers).items():
                self.send_header(name, value)
            if said.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif said.length is not None:
                self.send_header("Content-Length", str(said.length))
            else:
                self.close_connection = True
            self.end_headers()
            for part in said.parts:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if said.chunked else part)
                self.wfile.flush()
            if said.reset:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.connection.close()
            elif said.chunked:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True
        block_on_close = False  # some scripts never end

        def handle_error(self, *_: object) -> None:
            pass

    server = Server((host, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}", got
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
