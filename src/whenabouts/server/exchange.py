"""One request and its answer, whatever happens on the way, as plain ASGI middleware around everything else.

Every answer carries the headers that keep a browser from running, framing, sniffing, storing or leaking anything. An
error becomes one sentence. What a client still sends when it has its answer is read and thrown away, for a while: a
connection that is closed on unread bytes is reset, and the client never reads why it was refused.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenabouts.server.disk import Disk
from whenabouts.server.http_refusal import HTTPRefusal, unavailable_refusal
from whenabouts.server.jobs.process import INTERNAL_ERROR
from whenabouts.server.metrics import Metrics

__all__ = ["SAFE", "Exchanges", "refuse"]

log = logging.getLogger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "DELETE"}
DISCARDED = 64 << 10  # bytes of a body that uvicorn discards by itself and keeps the connection
LINGER_SECONDS = 20.0  # that the rest of a refused body is read at most
LINGER_IDLE = 2.0  # seconds without a byte of it
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Exchanges:
    """Middleware that answers every request once, logs what was a fault of the server, and counts."""

    def __init__(self, app: ASGIApp, disk: Disk, metrics: Metrics) -> None:
        self.app, self.disk, self.metrics = app, disk, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        exchange, began = _Exchange(Headers(scope=scope), receive, send), time.monotonic()
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:
            await self._fail(scope, exchange, error)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            status, seconds = exchange.status, round(time.monotonic() - began, 3)
            self.metrics.requests.labels(method, route, str(status)).inc()
            log.info("request", extra={"method": method, "route": route, "status": status, "seconds": seconds})

    async def _fail(self, scope: Scope, exchange: _Exchange, error: Exception) -> None:
        if isinstance(error, ClientDisconnect):
            exchange.status = exchange.status or 499  # as nginx calls a client that left
            return
        refusal = error if isinstance(error, HTTPRefusal) else None
        if refusal is None and (lost := self.disk.report(error)) is not None:
            refusal = unavailable_refusal(lost)
        if refusal is None:
            log.error("%s %s", scope["method"], scope["path"], exc_info=error)
            refusal = HTTPRefusal(500, INTERNAL_ERROR)
        if not exchange.status:  # an answer that has begun is cut short, which the client sees
            await refuse(exchange.send, refusal, head=scope["method"] == "HEAD")


class _Exchange:
    """The two ends of one request. `status` is that of the answer; 0 before it has begun."""

    def __init__(self, headers: Headers, receive: Receive, send: Send) -> None:
        self.status = 0
        self._receive, self._send = receive, send
        length = headers.get("content-length", "0")
        self._unread = "transfer-encoding" in headers or (length.isdecimal() and int(length) > DISCARDED)

    async def receive(self) -> Message:
        """What the client sends next."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        """Send the head of the answer, or a part of its body."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self._send({**message, "headers": [*message["headers"], *self._more(message["headers"])]})
            return
        if self._unread and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._discard()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    def _more(self, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in headers}
        yield from ((name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given)
        if b"cache-control" not in given:
            yield b"cache-control", b"no-store"
        if self._unread and b"connection" not in given:
            yield b"connection", b"close"

    async def _discard(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while self._unread:
                    async with asyncio.timeout(LINGER_IDLE):
                        await self.receive()


async def refuse(send: Send, refusal: HTTPRefusal, *, head: bool = False) -> None:
    """Answer with a status and {"error": sentence}."""
    body = json.dumps({"error": refusal.detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in (refusal.headers or {}).items()]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
