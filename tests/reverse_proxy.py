"""A small reverse proxy with TLS, as an operator puts one before the server: it streams, and shows it below a path."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from processes import wait_until

MORE = b"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"


@contextmanager
def proxied(server_port: int, folder: Path, prefix: str, *, strip: bool, host: bytes | None = None) -> Iterator[int]:
    """The port of a proxy that shows the server on `server_port` below `prefix`, which it takes off the path or not.

    host: what it sends as the Host header in place of the client's, which it then sends as X-Forwarded-Host
    """
    loop = asyncio.new_event_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", server_port)
            up_writer.write(_forwarded(head, prefix.encode(), strip, host))
            await asyncio.gather(_pump(reader, up_writer), _pump(up_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client or the server went away
        finally:
            writer.close()

    serving: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = loop.create_task(serve(reader, writer))
        serving.add(task)  # the loop alone would let it be collected in the middle, and the client would wait for ever
        task.add_done_callback(serving.discard)

    async def listen() -> None:
        async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as listener:
            bound.set_result(listener.sockets[0].getsockname()[1])
            await closed.wait()
            listener.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    bound: Future[int] = Future()
    closed = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=[listen()], daemon=True)
    thread.start()
    try:
        yield bound.result()
    finally:
        loop.call_soon_threadsafe(closed.set)
        thread.join()
        loop.close()


def _forwarded(head: bytes, prefix: bytes, strip: bool, host: bytes | None) -> bytes:
    """The head of a request as the server gets it; it closes the connection after the answer, so one head comes."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, path, version = first.split(b" ")
    if strip and path.startswith(prefix):
        path = path.removeprefix(prefix) or b"/"
    kept = [line for line in lines if line.split(b":")[0].lower() not in {b"connection", b"x-forwarded-for"}]
    if host is not None:
        [given] = [line for line in kept if line.lower().startswith(b"host:")]
        kept.remove(given)
        kept += [b"Host: " + host, b"X-Forwarded-" + given]
    return b"\r\n".join([b" ".join((method, path, version)), *kept, MORE + b"Connection: close", b"", b""])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()
        else:  # TLS: the end of the answer is the end of the connection
            writer.close()


@contextmanager
def nginx(server_port: int, folder: Path, configuration: str) -> Iterator[int]:
    """The port of nginx with a configuration that is for port 443 and for a server at 8000; skips without nginx."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made, key = certificate(folder)
    for general, here in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "127.0.0.1:8000": f"127.0.0.1:{server_port}",
        "/etc/ssl/www.example.org.pem": str(made),
        "/etc/ssl/private/www.example.org.key": str(key),
    }.items():
        assert general in configuration
        configuration = configuration.replace(general, here)
    kept = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; events {{}} http {{ access_log off; {kept}\n{configuration}\n}}"
    )
    command = ["nginx", "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: process.poll() is not None or (folder / "nginx.pid").exists())
            assert process.poll() is None, (folder / "nginx.log").read_text()
            yield port
        finally:
            process.terminate()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    made, key = folder / "proxy.pem", folder / "proxy.key"
    if not made.exists():
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", key, "-out", made, "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("openssl is not installed")
    return made, key
