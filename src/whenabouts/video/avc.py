"""H.264 as mp4, mov and Matroska hold it: parameter sets in one record, pictures in units with their length in front.

Layouts: ISO/IEC 14496-15, AVCDecoderConfigurationRecord; ITU-T H.264, 7.3.1 and 7.3.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

__all__ = ["Record", "annex_b_units", "is_idr", "with_lengths"]

IDR, SEQUENCE, PICTURE = 5, 7, 8
START_CODE = re.compile(rb"\x00*\x00\x00\x01")


@dataclass(frozen=True, slots=True)
class Record:
    """The decoder configuration record: what decodes every picture of a stream."""

    head: bytes  # version, profile, compatibility, level
    length_size: int
    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    tail: bytes  # what high profiles say once more

    @classmethod
    def parse(cls, data: bytes | None) -> Record | None:
        """The record, None where the stream has another form or the record is damaged."""
        if not data or len(data) < 7 or data[0] != 1:
            return None
        try:
            sequences, at = _sets(data, 6, data[5] & 31)
            pictures, at = _sets(data, at + 1, data[at])
        except IndexError:
            return None
        return cls(data[:4], (data[4] & 3) + 1, sequences, pictures, data[at:])

    def joined(self, sequence: bytes, picture: bytes) -> Record:
        """The record with one more set of each kind, at a level that suits both."""
        level = max(self.head[3], sequence[3])
        return replace(
            self,
            head=self.head[:3] + bytes([level]),
            sequences=(*self.sequences, sequence),
            pictures=(*self.pictures, picture),
        )

    def free_id(self) -> int | None:
        """The highest number below 32 that no sequence and no picture set has; None where all are taken."""
        taken = {_golomb(unit[4:]) for unit in self.sequences} | {_golomb(unit[1:]) for unit in self.pictures}
        return next((number for number in range(31, -1, -1) if number not in taken), None)

    def __bytes__(self) -> bytes:
        sequences, pictures = (
            b"".join(len(unit).to_bytes(2, "big") + unit for unit in units) for units in (self.sequences, self.pictures)
        )
        counts = bytes([0xFC | self.length_size - 1, 0xE0 | len(self.sequences)]), bytes([len(self.pictures)])
        return self.head + counts[0] + sequences + counts[1] + pictures + self.tail


def _sets(data: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    for _ in range(count):
        size = data[at] << 8 | data[at + 1]
        if not 4 <= size <= len(data) - at - 2:
            raise IndexError
        units.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    return tuple(units), at


def _golomb(data: bytes) -> int:
    """The first unsigned Exp-Golomb number of some bits."""
    bits = "".join(f"{byte:08b}" for byte in data[:9])
    zeros = bits.index("1")
    return int(bits[zeros : 2 * zeros + 1], 2) - 1


def is_idr(packet: bytes, length_size: int) -> bool:
    """Whether a picture can be decoded, and all after it, without any before it."""
    at = 0
    while at + length_size < len(packet):
        if packet[at + length_size] & 31 == IDR:
            return True
        at += length_size + int.from_bytes(packet[at : at + length_size], "big")
    return False


def annex_b_units(data: bytes) -> list[bytes]:
    """The units of a stream in which start codes part them, as encoders give it."""
    return [unit for unit in START_CODE.split(data) if unit]


def with_lengths(units: list[bytes], length_size: int) -> bytes:
    """Units with their length in front."""
    return b"".join(len(unit).to_bytes(length_size, "big") + unit for unit in units)
