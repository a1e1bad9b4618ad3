"""Bodies as they arrive, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from whenabouts.server.refusal import Refusal

__all__ = ["arriving"]

STILL = 30.0  # seconds without a byte after which a request is given up


async def arriving(body: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The chunks of a body. Raises Refusal: 413 above `limit` bytes, 408 when it stands still."""
    size = 0
    while True:
        try:
            async with asyncio.timeout(STILL):
                chunk = await anext(body, b"")
        except TimeoutError:
            raise Refusal(408, "the request stood still for too long; send it again") from None
        if not chunk:  # the last chunk that a request gives is empty
            return
        size += len(chunk)
        if size > limit:
            raise Refusal(413, f"the body may have {limit} bytes at most", Connection="close")
        yield chunk
