"""Access control in front of every address, as plain ASGI middleware.

Host      must be a name of this server: another site cannot reach it through a name of its own (DNS rebinding)
Origin    must be the server's own on every request that changes something; `Sec-Fetch-Site` must not be another site
token     where the operator set one: `Authorization: Bearer …`, or the cookie that `/?token=…` sets
responses carry the headers that keep a browser from running, framing, sniffing or leaking anything
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import logging
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.process import INTERNAL_ERROR
from whenabouts.server.metrics import Metrics
from whenabouts.server.settings import Settings

__all__ = ["Guard"]

log = logging.getLogger(__name__)

COOKIE = "whenabouts"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "DELETE"}
WITHOUT_TOKEN = frozenset({"/api/health"})  # reveals nothing but that the server runs
MAX_QUERY_STRING = 8192  # bytes
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Guard:
    """Middleware that refuses what has no access, and names the client in `scope["client_name"]`."""

    def __init__(self, app: ASGIApp, settings: Settings, secret: bytes, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics
        self._names = {name.lower().rstrip(".") for name in (*settings.host_names, settings.host)}
        self._any_address = settings.host in {"0.0.0.0", "::", ""}  # noqa: S104
        self._tokens = [_digest(secret, token.encode()) for token in settings.tokens]
        self._cookies = [_digest(secret, b"cookie " + token.encode()) for token in settings.tokens]
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        status, started, began = 500, False, time.monotonic()

        async def guarded(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                given = {name.lower() for name, _ in message["headers"]}
                more = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given]
                if b"cache-control" not in given:
                    more.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        try:
            if (cookie := self._admit(scope)) is not None:
                await _redirect(guarded, cookie)
            else:
                await self.app(scope, receive, guarded)
        except HTTPRefusal as refusal:
            await _refuse(guarded, refusal, scope["method"] == "HEAD")
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            if started:
                raise
            await _refuse(guarded, HTTPRefusal(500, INTERNAL_ERROR), scope["method"] == "HEAD")
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(method, route, str(status)).inc()
            seconds = round(time.monotonic() - began, 3)
            log.info("request", extra={"method": method, "route": route, "status": status, "seconds": seconds})

    def _admit(self, scope: Scope) -> str | None:
        """The cookie to set, or None. Raises HTTPRefusal."""
        headers = Headers(scope=scope)
        if len(scope["query_string"]) > MAX_QUERY_STRING:
            raise HTTPRefusal(400, "the address is too long")
        host = self._host(headers)
        self._same_site(scope, headers, host)
        peer = (scope.get("client") or ("local",))[0]
        scope["client_name"] = peer
        if not self._tokens:
            return None
        number, cookie = self._token(scope, headers)
        scope["client_name"] = f"{number} {peer}"
        return cookie

    def _host(self, headers: Headers) -> str:
        given = headers.getlist("host")
        name = _name(given[0]) if len(given) == 1 else None
        if name is None:
            raise HTTPRefusal(400, "a request needs exactly one Host header")
        if not (name in self._names or name == "localhost" or self._address(name)):
            raise HTTPRefusal(
                403, "the Host header does not name this server; its operator can allow the name with --host-name"
            )
        return given[0].lower()

    def _address(self, name: str) -> bool:
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._any_address

    def _same_site(self, scope: Scope, headers: Headers, host: str) -> None:
        changes = scope["method"] not in SAFE
        for origin in headers.getlist("origin"):
            if changes and urlsplit(origin.lower()).netloc != host:
                raise HTTPRefusal(403, "requests from other sites are refused")
        site = headers.get("sec-fetch-site", "none")
        visit = scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site not in {"none", "same-origin"} and not visit:
            raise HTTPRefusal(403, "requests from other sites are refused")

    def _token(self, scope: Scope, headers: Headers) -> tuple[int, str | None]:
        """The number of the token that the request carries, and the cookie to set. Raises HTTPRefusal."""
        if scope["path"] in WITHOUT_TOKEN:
            return -1, None
        if scope["path"] == "/" and scope["method"] == "GET":
            [given] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[:1]
            if given and (number := _index(self._tokens, _digest(self._secret, given.encode()))) is not None:
                return number, self._cookies[number]
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if (number := _index(self._tokens, _digest(self._secret, token.strip().encode("latin-1")))) is not None:
                return number, None
        elif (number := _index(self._cookies, _cookie(headers))) is not None:
            return number, None
        raise HTTPRefusal(
            401, "this server needs a token: send Authorization: Bearer TOKEN", **{"WWW-Authenticate": "Bearer"}
        )


def _name(host: str) -> str | None:
    """The name in a Host header, without its port; None where the header is malformed."""
    if not host or set(host) & set("/\\@?# \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "").rstrip(".") if parts.port is None or parts.port >= 0 else None
    except ValueError:
        return None


def _digest(secret: bytes, token: bytes) -> str:
    return hmac.new(secret, token, hashlib.sha256).hexdigest()


def _index(known: list[str], given: str) -> int | None:
    """The index of `given`, found in the same time whether it is there or not."""
    equal = [hmac.compare_digest(each.encode(), given.encode()) for each in known]
    return equal.index(True) if any(equal) else None


def _cookie(headers: Headers) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


async def _redirect(send: Send, cookie: str) -> None:
    """Redirect to the page, with the cookie and without the token in the address."""
    set_cookie = f"{COOKIE}={cookie}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"
    headers = [(b"location", b"/"), (b"set-cookie", set_cookie.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Send, refusal: HTTPRefusal, head: bool) -> None:
    body = json.dumps({"error": refusal.detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in (refusal.headers or {}).items()]
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
