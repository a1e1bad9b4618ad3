"""Senders of live streams on this computer, which are cut off and begin again whenever a test wants."""

from __future__ import annotations

import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nobody uses now, and that no system gives to whoever asks for any: it stays free for a while."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket(socket.AF_INET, kind) as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@contextmanager
def web(
    answer: Callable[[str], Iterator[bytes] | bytes | None],
    port: int = 0,
    *,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[str]:
    """An HTTP server: `answer(path)` gives a body, the chunks of one, or None for 404; its URL.

    Leaving the context breaks every connection off, in the middle of what it sends.
    """
    open_connections: list[socket.socket] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            open_connections.append(self.connection)

        def do_GET(self) -> None:
            body = answer(self.path)
            self.send_response(404 if body is None else 200)
            kind = "application/vnd.apple.mpegurl" if self.path.endswith("m3u8") else "video/mp2t"
            self.send_header("Content-Type", kind)
            if body is None or isinstance(body, bytes):
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")
                return
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for chunk in body:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", port), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        for connection in open_connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def pieces(content: bytes, size: int = 1316) -> Iterator[bytes]:
    """Content in pieces of MPEG-TS packets."""
    for at in range(0, len(content), size):
        yield content[at : at + size]
