"""Access control in front of every address, as plain ASGI middleware.

Host      must be a name of this server: another site cannot reach it through a name of its own (DNS rebinding)
Origin    must be the server's own on every request that changes something, in scheme, name and port;
          `Sec-Fetch-Site` must not be another site
users     where the server has any: `Authorization: Bearer …`, or the session of the page; what each may do is said in
          `scopes.py`
token     without users, where the operator set one: `Authorization: Bearer …`, or the cookie that `/?token=…` sets
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenabouts.errors import InputError
from whenabouts.server.attempts import Attempts
from whenabouts.server.exchange import SAFE
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.origin import Origin, parse_origin
from whenabouts.server.settings import Settings
from whenabouts.server.users import ANYONE, NOBODY, User, UserStore

__all__ = ["NOT_VALID", "Guard", "session_cookie", "session_of"]

COOKIE = "whenabouts"
WITHOUT_TOKEN = frozenset({"/api/health"})  # reveals nothing but that the server runs
RECHECK_SECONDS = 2.0  # between two looks at the rights of somebody who gets a long answer
NOT_VALID = "this token is unknown, expired or revoked; ask the operator of this server for another"
MAX_QUERY_STRING = 8192  # bytes
MAX_PATH = 2048  # bytes
MAX_HEADERS = 100
OTHER_SITE = (
    "requests from other sites are refused; behind a proxy with TLS, its operator names this server with "
    "--host-name https://NAME"
)


class _RightsChanged(Exception):
    """The user of an answer that has begun was refused or changed meanwhile."""


class Guard:
    """Middleware that refuses what has no access, and adds to the scope who sends the request.

    client_name: the user, else the number of the token and the address; user: a `User`; has_users: of this server
    """

    def __init__(self, app: ASGIApp, settings: Settings, secret: bytes, users: UserStore, attempts: Attempts) -> None:
        self.app, self._users, self._attempts = app, users, attempts
        self._place = f"{settings.path_prefix}/"
        self._names: dict[str, list[Origin | None]] = {}
        for host, origin in map(_named, (*settings.host_names, settings.host)):
            self._names.setdefault(host, []).append(origin)
        self._any_address = settings.host in {"0.0.0.0", "::", ""}  # noqa: S104
        self._tokens = [_digest(secret, token.encode()) for token in settings.tokens]
        self._cookies = [_digest(secret, b"cookie " + token.encode()) for token in settings.tokens]
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Raises HTTPRefusal."""
        if scope["type"] == "http" and (cookie := self._admit(scope)) is not None:
            await _redirect(send, cookie, self._place)
        elif scope.get("has_users"):
            try:
                await self.app(scope, receive, self._while_allowed(scope, send))
            except* _RightsChanged:  # alone, or from among the tasks of a stream
                pass
        else:
            await self.app(scope, receive, send)

    def _while_allowed(self, scope: Scope, send: Send) -> Send:
        """`send`, which raises _RightsChanged once the user may no longer do or see what they could at the beginning.

        Events then end as they do where there are no more, for a client asks again; anything else is cut short, so that
        no part is taken for the whole.
        """
        headers, user = Headers(scope=scope), scope["user"]
        checked, events = time.monotonic(), False

        async def sending(message: Message) -> None:
            nonlocal checked, events
            if message["type"] == "http.response.start":
                events = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
            if message.get("more_body") and time.monotonic() > checked + RECHECK_SECONDS:
                checked = time.monotonic()
                if self._known(headers) != user:
                    if events:
                        await send({"type": "http.response.body", "body": b"", "more_body": False})
                    raise _RightsChanged
            await send(message)

        return sending

    def _admit(self, scope: Scope) -> str | None:
        """The Set-Cookie header to send, or None. Raises HTTPRefusal."""
        headers = Headers(scope=scope)
        if len(scope["query_string"]) > MAX_QUERY_STRING or len(scope["raw_path"]) > MAX_PATH:
            raise HTTPRefusal(414, "the address is too long")
        if len(scope["headers"]) > MAX_HEADERS:
            raise HTTPRefusal(431, f"a request may have at most {MAX_HEADERS} headers")
        if "content-length" in headers and "transfer-encoding" in headers:  # two readers would disagree where it ends
            raise HTTPRefusal(400, "a request has either Content-Length or Transfer-Encoding")
        peer = (scope.get("client") or ("local",))[0]
        scope.update(client_name=peer, user=ANYONE, has_users=self._users.exist)
        own = self._host(scope, headers)
        self._same_site(scope, headers, own)
        scope["cookie_place"] = f"Path={self._place}" + ("; Secure" if own[0].scheme == "https" else "")
        if scope["has_users"]:
            scope["user"] = NOBODY
            scope["user"] = user = self._user(headers, peer)
            scope["client_name"] = user.name or peer
            return None
        if not self._tokens:
            return None
        number, cookie = self._token(scope, headers)
        scope["client_name"] = f"{number} {peer}"
        if cookie is None:
            return None
        return session_cookie(scope, cookie, 31536000)

    def _user(self, headers: Headers, peer: str) -> User:
        """Who sends a token or a session, NOBODY without either. Raises HTTPRefusal for a token that is not valid."""
        if (user := self._known(headers)) is not None:
            return user
        self._attempts.check(peer)
        self._attempts.failed(peer)
        raise HTTPRefusal(401, NOT_VALID, **{"WWW-Authenticate": "Bearer"})

    def _known(self, headers: Headers) -> User | None:
        """The user of a token or a session, NOBODY without either; None for a token that is not valid."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._users.by_token(token.strip())
        return self._users.by_session(session_of(headers)) or NOBODY  # what else is there, a proxy may have asked for

    def _host(self, scope: Scope, headers: Headers) -> list[Origin]:
        """The origins of the server's own pages of the name that the client used, the likeliest first.

        Raises HTTPRefusal.
        """
        given = headers.getlist("host")
        origin = parse_origin(f"{scope['scheme']}://{given[0]}") if len(given) == 1 else None
        if origin is None:
            raise HTTPRefusal(400, "a request needs exactly one Host header")
        name = origin.host.rstrip(".")
        if not (name in self._names or name == "localhost" or self._address(name)):
            raise HTTPRefusal(
                403, "the Host header does not name this server; its operator can allow the name with --host-name"
            )
        own = [each or origin for each in self._names.get(name, [None])]
        return sorted(own, key=lambda each: (each != origin, each.port != origin.port))  # a proxy may not tell the port

    def _address(self, name: str) -> bool:
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._any_address

    def _same_site(self, scope: Scope, headers: Headers, own: list[Origin]) -> None:
        if scope["method"] not in SAFE:
            for origin in headers.getlist("origin"):
                if parse_origin(origin) not in own:
                    raise HTTPRefusal(403, OTHER_SITE)
        site = headers.get("sec-fetch-site", "none")
        visit = scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site not in {"none", "same-origin"} and not visit:
            raise HTTPRefusal(403, OTHER_SITE)

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
        elif (number := _index(self._cookies, session_of(headers))) is not None:
            return number, None
        raise HTTPRefusal(
            401, "this server needs a token: send Authorization: Bearer TOKEN", **{"WWW-Authenticate": "Bearer"}
        )


def _named(name: str) -> tuple[str, Origin | None]:
    """A name that the Host header may carry, and the origin of pages where a proxy serves them. Raises InputError."""
    if "://" not in name:
        return name.lower().rstrip("."), None
    origin = parse_origin(name)
    if origin is None:
        raise InputError(f"{name!r} is not a host name, nor an origin such as https://videos.example.org")
    return origin.host.rstrip("."), origin


def _digest(secret: bytes, token: bytes) -> str:
    return hmac.new(secret, token, hashlib.sha256).hexdigest()


def _index(known: list[str], given: str) -> int | None:
    """The index of `given`, found in the same time whether it is there or not."""
    equal = [hmac.compare_digest(each.encode(), given.encode()) for each in known]
    return equal.index(True) if any(equal) else None


def session_cookie(scope: Scope, value: str, seconds: int) -> str:
    """The Set-Cookie header of a login; no script reads it, and no other site sends it."""
    return f"{COOKIE}={value}; HttpOnly; SameSite=Strict; Max-Age={seconds}; {scope['cookie_place']}"


def session_of(headers: Headers) -> str:
    """The cookie of a login, empty without one."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


async def _redirect(send: Send, cookie: str, place: str) -> None:
    """Redirect to the page, with the cookie and without the token in the address."""
    headers = [(b"location", place.encode()), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
