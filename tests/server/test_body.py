"""A body that is too large, stands still or trickles is given up; an ordinary one arrives as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from whenabouts.server.body import read_body
from whenabouts.server.http_refusal import HTTPRefusal


async def body(*chunks: bytes, wait: float = 0.0) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(wait)
        yield chunk
    yield b""


async def collect(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


def test_an_ordinary_body_arrives_as_it_is() -> None:
    assert asyncio.run(collect(read_body(body(b"ab", b"c"), 3))) == [b"ab", b"c"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (lambda: body(b"ab", b"cd"), 413),
        (lambda: body(b"a", wait=5.0), 408),
        (lambda: body(*[b"a"] * 100, wait=0.02), 408),
    ],
    ids=["too large", "still", "trickle"],
)
def test_any_other_is_given_up(sent: object, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.server.body.IDLE_SECONDS", 0.2)
    with pytest.raises(HTTPRefusal) as refused:
        asyncio.run(collect(read_body(sent(), 3 if status == 413 else 1000)))  # type: ignore[operator]
    assert refused.value.status_code == status
