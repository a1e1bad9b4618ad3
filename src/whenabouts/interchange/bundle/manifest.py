"""What a bundle says of itself, and the bounds within which one is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from whenabouts.errors import InputError

__all__ = [
    "EVIDENCE",
    "FORMAT",
    "MANIFEST",
    "MAX_DIRECTORY",
    "MAX_ENTRIES",
    "MAX_ENTRY",
    "MAX_MANIFEST",
    "MAX_TOTAL",
    "PREDICTIONS",
    "Entry",
    "Manifest",
    "encoded",
]

FORMAT, FORMAT_VERSION = "whenabouts-evidence", 1
MANIFEST, PREDICTIONS, EVIDENCE = "manifest.json", "predictions.json", "evidence.json"
MAX_ENTRIES = 10_000
MAX_ENTRY = 256 << 20  # bytes of one entry, of a picture of 8K as it is
MAX_MANIFEST = 16 << 20  # bytes
MAX_DIRECTORY = 4 << 20  # bytes of the list of entries
MAX_TOTAL = 4 << 30  # bytes of all entries


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a bundle: the sha256 of its content in hex, and its length in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds and where it comes from.

    version:  of whenabouts         platform: versions of what computed with it
    video:    name, sha256 and duration in seconds
    queries:  what was asked        command: the fields of `commands.Find` with which it was
    frames:   of each picture its file, its true time in seconds, and which edges or best instants it shows
    entries:  every other file of the bundle, by name
    """

    version: str
    video: dict[str, Any]
    queries: tuple[str, ...]
    command: dict[str, Any]
    platform: dict[str, str] = field(default_factory=dict)
    frames: tuple[dict[str, Any], ...] = ()
    entries: dict[str, Entry] = field(default_factory=dict)
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def to_bytes(self) -> bytes:
        """As it stands in a bundle: the same manifest, the same bytes."""
        return encoded(asdict(self))

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """Raises InputError, in one sentence, for anything that is not a manifest of this format."""
        from pydantic import TypeAdapter, ValidationError

        try:
            data = json.loads(content)
            if not isinstance(data, dict) or data.get("format") != FORMAT:
                raise InputError(f"it does not say that it is a {FORMAT}")
            if data.get("format_version") != FORMAT_VERSION:
                raise InputError(
                    f"its format has the version {str(data.get('format_version'))[:40]}, not {FORMAT_VERSION}"
                )
            return TypeAdapter(cls).validate_python(data)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))[:80]
            raise InputError(f"the field {where}: {fault['msg'][:1].lower()}{fault['msg'][1:]}") from None
        except (ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("it is not JSON") from None


def encoded(value: Any) -> bytes:
    """JSON with sorted names, so that the same value has the same bytes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
