"""One request, bounded in time and size whatever the server does."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["Answered", "Broken", "Silent", "Unreachable", "post"]

CONNECT = 10.0  # seconds for a connection; a server that has none to give by then is not there
MAX_BYTES = 16 * 2**20  # of a body; more is no answer
LAST_EVENT = re.compile(rb"(?:^|\n)data: ?\[DONE\]")


class Silent(Exception):
    """No whole answer within the time."""


class Unreachable(Exception):
    """No connection to the server. again: whether one may be got a moment later."""

    def __init__(self, problem: str, *, again: bool) -> None:
        super().__init__(problem)
        self.again = again


class Broken(Exception):
    """An answer that broke off, or is none. again: whether another may be whole."""

    def __init__(self, problem: str, *, again: bool = True) -> None:
        super().__init__(problem)
        self.again = again


@dataclass(frozen=True, slots=True)
class Answered:
    """A status, headers with names in lower case, and the whole body, unpacked."""

    status: int
    headers: Mapping[str, str]
    text: str


def post(client: Any, url: str, body: dict[str, Any], seconds: float) -> Answered:
    """Send JSON and read what comes back until it ends, or until the last event of a stream.

    Raises Silent, Unreachable, Broken.
    """
    import httpx

    end = time.monotonic() + seconds
    timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT))
    try:
        with client.stream("POST", url, json=body, timeout=timeout) as reply, _cut_off(reply, end):
            read = bytearray()
            for part in reply.iter_bytes():
                seen = max(0, len(read) - 32)
                read += part
                if len(read) > MAX_BYTES:
                    raise Broken(f"an answer of more than {MAX_BYTES // 2**20} MiB", again=False)
                if time.monotonic() > end:
                    raise Silent
                if LAST_EVENT.search(read, seen):  # some keep the connection open after it
                    break
            else:
                if time.monotonic() >= end:  # cut off, which looks like the end of a body whose length is not told
                    raise Silent
            return Answered(reply.status_code, reply.headers, read.decode("utf-8", "replace"))
    except httpx.ConnectTimeout:
        raise Unreachable(f"no connection within {timeout.connect:.3g} s", again=False) from None
    except httpx.TimeoutException:
        raise Silent from None
    except (httpx.ConnectError, httpx.ProxyError) as error:
        raise Unreachable(str(error) or type(error).__name__, again="CERTIFICATE" not in str(error)) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        raise Unreachable(str(error), again=False) from None
    except (httpx.HTTPError, OSError) as error:
        if time.monotonic() >= end:
            raise Silent from None
        raise Broken(f"the answer broke off ({error or type(error).__name__})") from None


@contextmanager
def _cut_off(reply: Any, end: float) -> Iterator[None]:
    """Ends the connection when the time is over, even while a part is waited for."""
    stream = reply.extensions.get("network_stream")
    connection: socket.socket | None = stream.get_extra_info("socket") if stream is not None else None

    def shut() -> None:
        if connection is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of TLS too, whose own cannot be used meanwhile

    timer = threading.Timer(max(0.0, end - time.monotonic()), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
