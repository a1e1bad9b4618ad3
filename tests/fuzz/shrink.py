"""Makes an input that broke something smaller, as long as it breaks the same."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["shrunk"]

TRIES = 120


def shrunk(content: bytes, breaks: Callable[[bytes], bool], tries: int = TRIES) -> bytes:
    """The smallest that `tries` tries find: parts are left out, first large ones, then small ones."""
    size = len(content) // 2
    while size and tries:
        start = 0
        while start < len(content) and tries:
            smaller = content[:start] + content[start + size :]
            tries -= 1
            if breaks(smaller):
                content = smaller
            else:
                start += size
        size = min(size // 2, len(content) // 2)
    return content
