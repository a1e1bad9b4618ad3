"""What containers state about their own bytes: where a file should end, and whether elements lead on to one another."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from whenabouts.video.damage.ebml import vint
from whenabouts.video.damage.holes import FOLLOW
from whenabouts.video.damage.wholeness import missing_bytes, size_of

MP4, MKV, AVI, TS, FLV, OGG = "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "flv", "ogg"
EBML, SEGMENT = b"\x1a\x45\xdf\xa3\x82xx", b"\x18\x53\x80\x67"


def box(size: int, name: bytes = b"mdat") -> bytes:
    return size.to_bytes(4) + name


def riff(size: int) -> bytes:
    return b"RIFF" + size.to_bytes(4, "little")


def tag(content: bytes, kind: bytes = b"\x09") -> bytes:
    """A tag of FLV, with its size after it."""
    return kind + len(content).to_bytes(3) + bytes(7) + content + (11 + len(content)).to_bytes(4)


# A page of Ogg that a muxer wrote, with its checksum in bytes 22 to 25.
PAGE = bytes.fromhex(
    "4f676753000000000000000000009e7687a601000000426b877f01370d0000004c61766635392e32372e313030010000001e000000656e636f6465723d4c61766335392e33372e313030206c69627370656578"
)
PACKETS = (b"\x47" + bytes(187)) * 6
TAG = tag(bytes(50))


@pytest.mark.parametrize(
    ("container", "content", "missing"),
    [
        (MP4, box(16, b"ftyp") + bytes(8) + box(100) + bytes(92), 0),
        (MP4, box(16, b"ftyp") + bytes(8) + box(100) + bytes(42), 50),
        (MP4, box(16, b"ftyp") + bytes(8) + box(1) + (2000).to_bytes(8) + bytes(484), 1500),
        (MP4, box(16, b"ftyp") + bytes(8) + box(0) + bytes(42), 0),  # to the end of the file
        (MP4, box(16, b"ftyp") + bytes(8) + box(100, b"\xff\xfe\xfd\xfc"), 0),
        (MP4, box(16, b"ftyp") + bytes(8) + box(100) + bytes(92) + b"a word behind it", 0),
        (MP4, riff(100) + bytes(100), 0),  # an animated WebP, which is read as a movie
        (MP4, riff(100) + bytes(40), 60),
        (MP4, box(20, b"ftyp") + bytes(8), 0),  # a few bytes, by which writers miscount
        (MKV, EBML + SEGMENT + b"\x41\x00" + bytes(156), 100),
        (MKV, EBML + SEGMENT + b"\x41\x00" + bytes(256), 0),
        (MKV, EBML + SEGMENT + b"\xff" + bytes(50), 0),  # of unknown size
        (MKV, EBML + b"\xec\x81x" + bytes(50), 0),
        (MKV, b"no file of that kind", 0),
        (AVI, riff(100) + bytes(100) + riff(101) + bytes(40), 62),
        (AVI, riff(0) + bytes(40), 0),
        (AVI, riff(0xFFFFFFFF) + bytes(40), 0),
        (TS, PACKETS, 0),
        (TS, PACKETS[:-10], 10),
        (TS, PACKETS + bytes(100) + PACKETS, 0),  # bytes are missing or too many in the middle
        (TS, b"\x46" * 1200, 0),
        (FLV, b"FLV\1\5\0\0\0\x09\0\0\0\0" + TAG, 0),
        (FLV, b"FLV\1\5\0\0\0\x09\0\0\0\0" + TAG + TAG[:-30], 17),
        (FLV, b"FLV\1\5\0\0\0\x09\0\0\0\0" + TAG + TAG[:-5] + b"\xff" * 4, 17),
        (FLV, b"FLV", 0),
        (OGG, PAGE + PAGE, 0),
        (OGG, PAGE + PAGE[:-40], 40),
        (OGG, PAGE + PAGE[:20], 0),  # in the head of a page, which does not say yet how long it is
        (OGG, b"x", 0),
        ("nut", b"x", 0),
    ],
)
def test_what_is_missing_of_a_file_is_counted(tmp_path: Path, container: str, content: bytes, missing: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert missing_bytes(path, container) == missing and size_of(path) == len(content)


def test_of_no_file_nothing_is_missing(tmp_path: Path) -> None:
    assert missing_bytes(tmp_path / "none", MP4) == 0 and size_of(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x81", (1, 1)),
        (b"\x41\x02", (0x102, 2)),
        (b"\x01" + bytes(6) + b"\5", (5, 8)),
        (b"\x41", (0, 0)),
        (b"\0\1", (0, 0)),
        (b"", (0, 0)),
    ],
)
def test_a_number_of_variable_length_is_read(data: bytes, found: tuple[int, int]) -> None:
    assert vint(data) == found


BLOCK, VOID, CLUSTER = b"\xa3\x84abcd", b"\xec\x83xyz", b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff"
CHUNK, LIST = b"00dc\4\0\0\0abcd", b"LIST\x10\0\0\0movi"


@pytest.mark.parametrize(
    ("container", "content", "start", "end", "unbroken"),
    [
        (MKV, BLOCK + BLOCK, 2, 8, True),
        (MKV, BLOCK + VOID + CLUSTER + BLOCK, 2, 25, True),
        (MKV, BLOCK + VOID, 2, 11, True),  # up to the end of the file
        (MKV, BLOCK + b"\7junk" + BLOCK, 2, 13, False),
        (MKV, BLOCK + b"\xec\xa0xyz" + BLOCK, 2, 13, False),  # leads past it
        (MKV, b"\1\2\3abcd" + BLOCK, 3, 9, True),  # of which nothing is known
        (AVI, CHUNK + CHUNK, 8, 20, True),
        (AVI, CHUNK + LIST + CHUNK, 8, 32, True),
        (AVI, b"00dc\3\0\0\0abc\0" + CHUNK, 8, 20, True),  # filled up to an even number
        (AVI, CHUNK + b"\0\1\2\3\0\0\0\0" + CHUNK, 8, 28, False),
        (AVI, b"00dc\x40\0\0\0abcd" + CHUNK, 8, 20, False),
        (FLV, TAG + TAG, 0, len(TAG), True),
        (FLV, TAG + tag(b"sound", b"\x08") + TAG, 0, len(TAG) + 20, True),
        (FLV, TAG[:-1] + b"\0" + TAG, 0, len(TAG), False),
        (FLV, b"\x55" + TAG[1:] + TAG, 0, len(TAG), False),
        (OGG, PAGE + PAGE, 0, len(PAGE), True),
        (OGG, PAGE + PAGE[:-1] + b"?" + PAGE, 0, 2 * len(PAGE), False),
        (OGG, PAGE + PAGE, 0, len(PAGE) + 5, False),  # leads past it
        (OGG, PAGE + PAGE[:20], 0, len(PAGE) + 20, False),
        (OGG, PAGE + b"junk" + PAGE, 0, len(PAGE) + 4, False),
    ],
)
def test_elements_lead_on_or_something_was_overwritten(
    container: str, content: bytes, start: int, end: int, unbroken: bool
) -> None:
    assert FOLLOW[container](BytesIO(content), start, end) is unbroken
