"""Bodies as they arrive: not for ever, and not beyond a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from whenabouts.server.refusal import Refusal

__all__ = ["arriving"]

STILL = 30.0  # seconds without a byte after which a request is given up
SLOWEST = 1000.0  # bytes a second, on average, once it has lasted as long


async def arriving(body: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The chunks of a body. Raises Refusal: 413 above `limit` bytes, 408 when it stands still or only trickles."""
    size, began = 0, time.monotonic()
    while True:
        try:
            async with asyncio.timeout(STILL):
                chunk = await anext(body, b"")
        except TimeoutError:
            raise _too_slow() from None
        if not chunk:  # the last chunk that a request gives is empty
            return
        size += len(chunk)
        if size > limit:
            raise Refusal(413, f"the body may have {limit} bytes at most", Connection="close")
        if (lasted := time.monotonic() - began) > STILL and size < SLOWEST * lasted:
            raise _too_slow()
        yield chunk


def _too_slow() -> Refusal:
    return Refusal(408, "the request came too slowly; send it again", Connection="close")
