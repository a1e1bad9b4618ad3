"""One range of bytes, as RFC 9110 has it, and nothing that costs more."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Server

from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.media import ByteRange, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=90-1000", ByteRange(90, 99)),
        ("bytes=-1", ByteRange(99, 99)),
        ("bytes=-1000", ByteRange(0, 99)),
        ("items=0-1", None),
    ],
)
def test_a_range(header: str | None, expected: ByteRange | None) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(
    "header",
    [
        *("bytes=100-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=", "bytes=a-b", "bytes=0-1,3-4", "bytes=0x1-2"),
        *("bytes=" + ",".join(f"{i}-{i}" for i in range(5000)), "bytes=" + "9" * 5000 + "-", "bytes=١-٢"),
        *("bytes=--1", "bytes=1-2-3", "bytes 0-1"),
    ],
)
def test_what_is_no_single_range_within_the_file_is_refused(header: str) -> None:
    with pytest.raises(HTTPRefusal) as refused:
        parse_range(header, 100)
    assert refused.value.status_code == 416
    assert refused.value.headers and refused.value.headers["Content-Range"] == "bytes */100"


@settings(max_examples=60)
@given(st.text("0123456789-, x", max_size=12), st.integers(0, 10**6))
def test_any_header_is_a_range_inside_the_file_or_refused(header: str, size: int) -> None:
    try:
        chosen = parse_range(f"bytes={header}", size)
    except HTTPRefusal:
        return
    assert chosen is not None and 0 <= chosen.first <= chosen.last < size


def test_the_bytes_of_a_video_whole_in_parts_and_by_head(server: Server, videos: Path) -> None:
    content = (videos / "cat.mp4").read_bytes()
    stream = f"/api/videos/{server.video('cat.mp4')}/stream"
    whole = server.client.get(stream)
    assert (whole.status_code, whole.headers["content-type"], whole.content) == (200, "video/mp4", content)
    head = server.client.head(stream)
    assert (head.headers["content-length"], head.content) == (str(len(content)), b"")
    part = server.client.get(stream, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.content) == (206, content[5:15])
    assert part.headers["content-range"] == f"bytes 5-14/{len(content)}"
    last = server.client.get(stream, headers={"Range": "bytes=-7"})
    assert last.content == content[-7:]
    none = server.client.get(stream, headers={"Range": f"bytes={len(content)}-"})
    assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{len(content)}")
    many = server.client.get(stream, headers={"Range": "bytes=0-1,5-6"})
    assert many.status_code == 416 and "one range" in many.json()["error"]


def test_a_range_of_a_file_that_changed_is_the_whole_file(server: Server, videos: Path) -> None:
    stream = f"/api/videos/{server.video('cat.mp4')}/stream"
    etag = server.client.head(stream).headers["etag"]
    assert server.client.get(stream, headers={"If-None-Match": etag}).status_code == 304
    same = server.client.get(stream, headers={"Range": "bytes=0-3", "If-Range": etag})
    other = server.client.get(stream, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert hashlib.sha256(other.content).digest() == hashlib.sha256((videos / "cat.mp4").read_bytes()).digest()
