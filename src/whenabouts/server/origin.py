"""Origins: which site a page is of (RFC 6454). Two are the same only where scheme, name and port are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Origin", "parse_origin"]

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """A site; `host` is in lower case, an IPv6 address without its brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


def parse_origin(text: str) -> Origin | None:
    """The origin that a browser would send, with the scheme's own port where it names none; None for anything else.

    >>> parse_origin("HTTP://LocalHost:80") == parse_origin("http://localhost"), parse_origin("null")
    (True, None)
    """
    if any(not letter.isascii() or not letter.isprintable() or letter in " \\@?#" for letter in text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or parts.path or parts.netloc.endswith(":"):
        return None
    return Origin(parts.scheme, parts.hostname, PORTS[parts.scheme] if port is None else port)
