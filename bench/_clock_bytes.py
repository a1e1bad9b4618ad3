"""Changes to the bytes of video files that no muxer makes, and that are met all the same."""

from __future__ import annotations

import struct
from collections.abc import Sequence

PLACES = (b"moov", b"trak", b"edts")  # boxes around an edit list


def with_edits(content: bytes, edits: Sequence[tuple[int, int]]) -> bytes:
    """An mp4 of one track, with its index at the end, with other edits: (length in movie ticks, begin in media ticks).

    The begin counts from that of the edit that is there.
    """
    at = content.index(b"elst") - 4
    (size,) = struct.unpack_from(">I", content, at)
    (begin,) = struct.unpack_from(">i", content, at + 20)
    entries = b"".join(struct.pack(">Iii", length, begin + media, 1 << 16) for length, media in edits)
    box = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
    out = bytearray(content[:at] + box + content[at + size :])
    for name in PLACES:
        place = out.index(name) - 4
        struct.pack_into(">I", out, place, struct.unpack_from(">I", out, place)[0] + len(box) - size)
    return bytes(out)


def without_offsets(content: bytes) -> bytes:
    """An mp4 without its composition offsets: the order of decoding is all that is said."""
    return content.replace(b"ctts", b"free")


def with_default_duration(content: bytes, nanoseconds: int) -> bytes:
    """A Matroska file that states another length of every picture."""
    at = content.index(b"\x23\xe3\x83") + 3
    length = content[at] & 0x7F
    return content[: at + 1] + nanoseconds.to_bytes(length, "big") + content[at + 1 + length :]


def packed(packets: Sequence[bytes]) -> list[bytes]:
    """Pictures of MPEG-4 in order of decoding, as DivX and Xvid pack them for AVI: one chunk for each picture's turn.

    A picture that others overtake lies in one chunk with the first of them; in its own turn stands one without content.
    """
    chunks: list[bytes] = []
    owed = False
    for k, packet in enumerate(packets):
        if kind(packet) == "B":
            if kind(packets[k - 1]) == "B":
                chunks.append(packet)
            else:
                chunks[-1] += packet
        else:
            if owed:
                chunks.append(NOT_CODED)
            owed = k + 1 < len(packets) and kind(packets[k + 1]) == "B"
            chunks.append(packet)
    chunks += [NOT_CODED] if owed else []
    head = chunks[0].index(b"\0\0\1\xb6")
    chunks[0] = chunks[0][:head] + b"\0\0\1\xb2DivX503b1393p\0" + chunks[0][head:]
    return chunks


NOT_CODED = b"\0\0\1\xb6\x50\x4f"  # a picture of 25 ticks a second that repeats the one before


def kind(packet: bytes) -> str:
    """I, P or B."""
    return "IPBS"[packet[packet.index(b"\0\0\1\xb6") + 4] >> 6]
