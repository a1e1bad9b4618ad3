"""Bodies of requests: read with a limit on size and time, and as strict JSON where they are JSON.

FastAPI would accept "5" for 5, and a form in place of JSON; here a body is JSON of exactly the declared types, or it is
refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from whenabouts.server.http_refusal import HTTPRefusal, validation_sentence

__all__ = ["MIB", "json_body", "read_body", "refuse_encoded"]

T = TypeVar("T", bound=BaseModel)
MIB = 1 << 20
IDLE_SECONDS = 30.0  # without a byte, after which a request is given up
MIN_BYTES_PER_SECOND = 1000.0  # on average, for a request that has taken longer than that


async def read_body(stream: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The chunks of a body as they arrive. Raises HTTPRefusal: 413 above `limit` bytes, 408 when it is too slow."""
    size, began = 0, time.monotonic()
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(stream, b"")
        except TimeoutError:
            raise _too_slow() from None
        if not chunk:  # the last chunk of a request is empty
            return
        size += len(chunk)
        if size > limit:
            raise HTTPRefusal(413, f"the body is larger than {limit} bytes, the most allowed here", Connection="close")
        elapsed = time.monotonic() - began
        if elapsed > IDLE_SECONDS and size < MIN_BYTES_PER_SECOND * elapsed:
            raise _too_slow()
        yield chunk


def json_body(model: type[T], *, limit: int = MIB) -> Callable[[Request], Awaitable[T]]:
    """A dependency that reads the body, of at most `limit` bytes, as a model. Raises HTTPRefusal."""

    async def read(request: Request) -> T:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise HTTPRefusal(415, "the body must be JSON, with Content-Type: application/json")
        refuse_encoded(request)
        data = bytearray()
        async for chunk in read_body(request.stream(), limit):
            data += chunk
        try:
            return _validated(model, bytes(data))
        except ValidationError as error:
            raise HTTPRefusal(_status(error), validation_sentence(_faults(error))) from None

    return read


def refuse_encoded(request: Request) -> None:
    """Refuse a compressed body: nothing is unpacked here, whatever its size would be. Raises HTTPRefusal."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPRefusal(415, "send the body as it is, without Content-Encoding")


def _validated(model: type[T], data: bytes) -> T:
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        if not any(fault["type"] == "int_type" for fault in _faults(error)):
            raise
    return model.model_validate_json(to_json(_with_integers(from_json(data))), strict=True)  # 5.0 is an integer in JSON


def _with_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_integers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_integers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _status(error: ValidationError) -> int:
    """409 where values of the right type contradict each other, which a schema cannot say; else 422."""
    return 409 if all(fault["type"] == "value_error" for fault in _faults(error)) else 422


def _faults(error: ValidationError) -> list[Any]:
    return list(error.errors(include_input=False, include_url=False))


def _too_slow() -> HTTPRefusal:
    return HTTPRefusal(408, "the request arrives too slowly; send it again", Connection="close")
