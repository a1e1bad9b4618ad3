"""A file for a player: all of it or one range of bytes, in constant memory (RFC 9110)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from whenabouts.server.http_refusal import HTTPRefusal

__all__ = ["ByteRange", "RangeResponse", "attachment", "parse_range"]

CHUNK = 256 << 10  # bytes in memory at once, per client
RANGE = re.compile(r"bytes=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range of bytes that a Range header names; None for the whole file.

    Raises HTTPRefusal with 416 for several ranges, for one outside the file and for a malformed header.

    >>> parse_range("bytes=-500", 1200)
    ByteRange(first=700, last=1199)
    """
    if header is None or not header.strip().lower().startswith("bytes"):
        return None  # other units are ignored, as the RFC says
    match = RANGE.fullmatch(header.strip())
    if not match or not (match[1] or match[2]):
        raise _unsatisfiable("a request may name one range of bytes, such as bytes=0-1023", size)
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
    if first > last:
        raise _unsatisfiable(f"the range is outside the file, which has {size} bytes", size)
    return ByteRange(first, last)


def _unsatisfiable(sentence: str, size: int) -> HTTPRefusal:
    return HTTPRefusal(416, sentence, **{"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})


class RangeResponse(Response):
    """Sends the file of an open descriptor, and closes it.

    count:      called with the number of bytes of each chunk that was sent
    closing:    whether the server is shutting down, which ends the response early
    attachment: a Content-Disposition header
    """

    def __init__(
        self,
        descriptor: int,
        request: Headers,
        media_type: str,
        *,
        count: Callable[[int], None] | None = None,
        closing: Callable[[], bool] = lambda: False,
        attachment: str | None = None,
    ) -> None:
        stat = os.fstat(descriptor)
        self._file = FileIO(descriptor, "rb")
        self._count, self._closing = count, closing
        tag = f"{stat.st_ino} {stat.st_size} {stat.st_mtime_ns}".encode()
        etag = f'"{hashlib.sha256(tag).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
        try:
            status, self._range = _status_and_range(request, etag, stat.st_size)
        except BaseException:
            self._file.close()
            raise
        first, last = self._range.first, self._range.last
        if status == 206:
            headers["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
        if status != 304:
            headers["Content-Length"] = str(last - first + 1)
        if attachment is not None:
            headers["Content-Disposition"] = attachment
        super().__init__(None, status, headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        left_early = asyncio.ensure_future(_disconnected(receive))
        try:
            with self._file as file:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                if self.status_code != 304:
                    place, end = self._range.first, self._range.last + 1
                    while place < end:
                        if left_early.done():  # what is sent would be thrown away, and the file read for nobody
                            raise ClientDisconnect
                        chunk = await asyncio.to_thread(_read, file, place, min(CHUNK, end - place))
                        if not chunk or self._closing():  # the file became shorter: ending early closes the connection
                            return
                        place += len(chunk)
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                        if self._count:
                            self._count(len(chunk))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            left_early.cancel()


def _read(file: FileIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _status_and_range(request: Headers, etag: str, size: int) -> tuple[int, ByteRange]:
    """The status of the response, and the bytes to send."""
    whole = ByteRange(0, size - 1)
    if request.get("if-none-match") in {etag, "*"}:
        return 304, whole
    if request.get("if-range", etag) != etag:
        return 200, whole
    part = parse_range(request.get("range"), size)
    return (200, whole) if part is None else (206, part)


def attachment(name: str) -> str:
    """A Content-Disposition that saves a response under a name (RFC 6266); the name cannot break out of the header."""
    plain = "".join(letter if (letter.isalnum() and letter.isascii()) or letter in "-_. " else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
