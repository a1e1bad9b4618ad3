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
CLIENT_LEFT = 499  # a status for the log and the metrics alone
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
        began, method = time.monotonic(), scope["method"]
        exchange = _Exchange(scope, receive, send)
        scope["method"] = "GET" if method == "HEAD" else method
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:
            await self._fail(scope, exchange, _single(error))
        finally:
            self._count(scope, method if method in METHODS else "other", exchange.status, time.monotonic() - began)

    def _count(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.requests.labels(method, route, str(status)).inc()
        log.info("request", extra={"method": method, "route": route, "status": status, "seconds": round(seconds, 3)})

    async def _fail(self, scope: Scope, exchange: _Exchange, error: Exception) -> None:
        if exchange.complete:  # such as the rest of an answer of which only the head was asked
            return
        if isinstance(error, ClientDisconnect):
            exchange.status = CLIENT_LEFT
            return
        refusal = error if isinstance(error, HTTPRefusal) else None
        if refusal is None and (lost := self.disk.report(error)) is not None:
            refusal = unavailable_refusal(lost)
        if refusal is None:
            log.error("%s %s", scope["method"], scope["path"], exc_info=error)
            refusal = HTTPRefusal(500, INTERNAL_ERROR)
        if not exchange.status:  # an answer that has begun is cut short, which the client sees
            await refuse(exchange.send, refusal)


def _single(error: Exception) -> Exception:
    """The one error in a group of tasks that ended with it, as those of a stream of events do."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def refuse(send: Send, refusal: HTTPRefusal) -> None:
    """Answer with a status and {"error": sentence}."""
    body = json.dumps({"error": refusal.detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in (refusal.headers or {}).items()]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Exchange:
    """The two ends of one request.

    status:   of the answer; 0 before it has begun
    complete: whether all of it was sent, which of an answer to HEAD is the head
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.status, self.complete = 0, False
        self._receive, self._send = receive, send
        self._head_only = scope["method"] == "HEAD"
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self._unread = "transfer-encoding" in headers or (length.isdecimal() and int(length) > DISCARDED)

    async def receive(self) -> Message:
        """What the client sends next."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        """Send the head of the answer, or a part of its body. Raises ClientDisconnect where no more is wanted."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self._send({**message, "headers": [*message["headers"], *self._more(message["headers"])]})
            if self._head_only:
                await self._end(b"")
                raise ClientDisconnect
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._end(message.get("body", b""))

    async def _end(self, body: bytes) -> None:
        if self._unread:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
            await self._discard()
            body = b""
        self.complete = True
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

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
