"""Files of a cache with their hash beside them, so that one that was damaged since is noticed and made again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from whenabouts.files.atomic import replacing
from whenabouts.files.content import content_sha256

__all__ = ["is_sealed", "seal"]


def seal(path: Path) -> None:
    """Write down which bytes a file holds. Raises OSError."""
    with replacing(_beside(path), lasting=False) as part:
        part.write_text(content_sha256(path), encoding="ascii")


def is_sealed(path: Path) -> bool:
    """Whether a file holds the bytes that it held when it was sealed; of a large one that is known, blocks are read."""
    with suppress(OSError, ValueError):
        return _beside(path).read_text("ascii") == content_sha256(path)
    return False


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
