"""HTTP/1.1 connections, so that those who say nothing, or nothing that is HTTP, take no place from others.

uvicorn waits for the end of a request's headers for ever, answers what is not HTTP in plain text, and refuses everybody
where too many connections are open. Here headers have a limit of time, every refusal is {"error": sentence}, and where
too many connections are open the one that has been without a request for longest is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from http import HTTPStatus

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from whenabouts.server.exchange import HEADERS, LINGER_IDLE, refuse
from whenabouts.server.http_refusal import HTTPRefusal

__all__ = ["MAX_CONNECTIONS", "Protocol"]

MAX_CONNECTIONS = 400  # at once
HEADER_SECONDS = 15.0  # from the start of a connection, or the last answer, to the end of the next request's headers


class Protocol(H11Protocol):
    """One connection. Once it is `_refused`, what still arrives is thrown away until the client has read why."""

    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in place of an idle one where there are too many."""
        if len(self.connections) >= MAX_CONNECTIONS and not self._close_idle():
            self.app = _crowded
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        if self._deadline is not None:
            self._deadline.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if not self._refused:
            super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._await_request()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, with status 431 where it is too long."""
        status = getattr(sys.exception(), "error_status_hint", 400)
        if self._busy:  # in the body of a request that is being answered
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if status == 431:
            self._refuse(431, "the headers of the request are too long")
        else:
            self._refuse(400, "this is not a valid HTTP/1.1 request")

    @property
    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_request(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._end_of_patience)

    def _end_of_patience(self) -> None:
        if self._busy or self.transport.is_closing():
            return
        if self.conn.trailing_data[0]:
            self._refuse(408, "the request arrives too slowly; send it again")
        else:
            self.transport.close()

    def _close_idle(self) -> bool:
        """Close the connection that has waited longest for a request; whether there was one."""
        idle = [each for each in self.connections if isinstance(each, Protocol) and not each._busy]
        waiting = [each for each in idle if each._deadline is not None and not each.transport.is_closing()]
        if not waiting:
            return False
        longest = min(waiting, key=lambda each: each._deadline.when() if each._deadline else 0.0)
        self.connections.discard(longest)
        longest.transport.close()
        return True

    def _refuse(self, status: int, sentence: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = json.dumps({"error": sentence}).encode()
            headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            headers += [(b"cache-control", b"no-store"), (b"connection", b"close")]
            response = h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase.encode())
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._refused = True
        self.transport.write_eof()
        self.loop.call_later(LINGER_IDLE, self.transport.close)


async def _crowded(_scope: Scope, _receive: Receive, send: Send) -> None:
    busy = HTTPRefusal(503, "too many connections at once; try again in a moment", **{"Retry-After": "5"})
    await refuse(send, busy)
