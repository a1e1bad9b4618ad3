"""Which addresses on the network clients may watch: those that begin as the operator allowed, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit

__all__ = ["is_allowed", "valid_prefix"]


def is_allowed(url: str, prefixes: Sequence[str]) -> bool:
    """Whether an address has the scheme, host and port of an allowed one, and lies at its path or below.

    >>> is_allowed("rtsp://camera.lan/door?quality=2", ["rtsp://camera.lan"])
    True
    >>> is_allowed("rtsp://camera.lan.example.org/door", ["rtsp://camera.lan"])
    False
    >>> is_allowed("http://host/live/../private", ["http://host/live"])
    False
    """
    parts = _parts(url)
    return parts is not None and any(_is_below(parts, allowed) for prefix in prefixes if (allowed := _parts(prefix)))


def valid_prefix(prefix: str) -> bool:
    """Whether it can be allowed: an address with a scheme, and a host or a port."""
    return _parts(prefix) is not None


def _parts(url: str) -> SplitResult | None:
    """An address that means the same to every reader; None for any other."""
    if any(not letter.isprintable() or letter in "\\ " for letter in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    steps = unquote(parts.path).split("/")
    named = parts.scheme and parts.scheme != "file" and (parts.hostname or port)
    return None if not named or ".." in steps or "." in steps else parts


def _is_below(parts: SplitResult, allowed: SplitResult) -> bool:
    same = (parts.scheme, parts.hostname, parts.port) == (allowed.scheme, allowed.hostname, allowed.port)
    if not same or parts.netloc.rpartition("@")[0] != allowed.netloc.rpartition("@")[0]:
        return False
    place = allowed.path.rstrip("/")
    return not place or parts.path == place or parts.path.startswith(f"{place}/")
