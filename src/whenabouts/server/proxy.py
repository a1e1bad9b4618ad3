"""What a trusted proxy says of a client, and the path below which it shows this server, as plain ASGI middleware.

A header can be sent by anybody: `X-Forwarded-For`, `-Proto` and `-Host` count only where the connection comes from a
proxy that the operator named. A proxy may pass the path on with the prefix or without it: both arrive.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from whenabouts.errors import InputError

__all__ = ["Proxied", "path_prefix", "proxy_networks"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")  # no step of dots alone


class Proxied:
    """Middleware that gives `scope` the client, scheme, host and path that the client itself used."""

    def __init__(self, app: ASGIApp, proxies: Iterable[str], prefix: str) -> None:
        self.app, self._proxies, self._prefix = app, proxy_networks(proxies), prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            if scope["path"] == self._prefix != "":  # relative addresses of the page need the slash
                location = f"{self._prefix}/".encode()
                await send({"type": "http.response.start", "status": 308, "headers": [(b"location", location)]})
                await send({"type": "http.response.body", "body": b""})
                return
            if scope["path"].startswith(f"{self._prefix}/"):
                scope["path"] = scope["path"].removeprefix(self._prefix)
                scope["raw_path"] = scope["raw_path"].removeprefix(self._prefix.encode())
            if self._trusts((scope.get("client") or ("",))[0]):
                self._forwarded(scope)
        await self.app(scope, receive, send)

    def _trusts(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    def _forwarded(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        hops = [_address(hop) for each in headers.getlist("x-forwarded-for") for hop in each.split(",")]
        client = next((hop for hop in reversed(hops) if not self._trusts(hop)), "")  # further left anybody may write
        if client:
            scope["client"] = (client, 0)
        if (scheme := headers.get("x-forwarded-proto", "")) in {"http", "https"}:
            scope["scheme"] = scheme
        if (host := headers.get("x-forwarded-host")) is not None:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]


def _address(hop: str) -> str:
    """The address in a part of X-Forwarded-For, without its port; nothing where it is none.

    >>> _address(" 203.0.113.9:4711"), _address("[2001:db8::1]:80"), _address("unknown")
    ('203.0.113.9', '2001:db8::1', '')
    """
    found = re.fullmatch(r"\s*(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+|(\S+))\s*", hop)
    given = next(filter(None, found.groups()), "") if found else ""
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return ""


def proxy_networks(proxies: Iterable[str]) -> list[Network]:
    """The addresses of proxies, each one address or a network such as 10.0.0.0/8. Raises InputError."""
    try:
        return [ipaddress.ip_network(each, strict=False) for each in proxies]
    except ValueError:
        raise InputError(f"{', '.join(proxies)}: a proxy is an IP address, or a network such as 10.0.0.0/8") from None


def path_prefix(given: str) -> str:
    """A prefix of paths as `/one/two`, or nothing. Raises InputError.

    >>> path_prefix("video/"), path_prefix("/")
    ('/video', '')
    """
    prefix = given.rstrip("/")
    if prefix and not prefix.startswith("/"):
        prefix = f"/{prefix}"
    if prefix and not PREFIX.fullmatch(prefix):
        raise InputError(f"{given!r} is not a path such as /video")
    return prefix
