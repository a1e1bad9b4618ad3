"""The server on stdin and stdout, or on streamable HTTP."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import anyio
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from whenabouts.errors import InputError
from whenabouts.server.mcp.protocol import make_server
from whenabouts.server.mcp.toolbox import Toolbox
from whenabouts.server.origin import parse_origin

if TYPE_CHECKING:  # it needs the extra `serve`
    from whenabouts.server.mcp.members import Members

__all__ = ["serve_http", "serve_stdio"]


def serve_stdio(toolbox: Toolbox) -> None:
    """Serve on stdin and stdout until stdin ends; everything else that is printed goes to stderr."""
    server = make_server(toolbox)

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(serve)


def serve_http(
    toolbox: Toolbox,
    host: str,
    port: int,
    *,
    names: Sequence[str] = (),
    token: str | None = None,
    members: Members | None = None,
) -> None:
    """Serve streamable HTTP at http://HOST:PORT/mcp until interrupted. Raises InputError.

    names: host names that clients may use, beside those of loopback; others are refused, as are pages of other sites
    token: the bearer token of clients; needed where other machines can connect and there are no `members`, who have
           tokens of their own
    """
    import uvicorn

    if not token and members is None and not _loopback(host):
        raise InputError(f"other machines can reach {host}; set a token with --token, or listen on 127.0.0.1")
    if not names and host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        raise InputError(
            f"{host} is not an address that clients can use; give their name or address for this machine with --name"
        )
    at = f"[{host}]" if ":" in host else host
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot listen on {host}:{port} ({reason}); choose another --host or --port") from error
    origins = _own_origins({"127.0.0.1", "localhost", "[::1]", at, *names}, listener.getsockname()[1])
    verifier = members or (_OneToken(token) if token else None)
    app = make_server(toolbox, members).streamable_http_app(
        transport_security=TransportSecuritySettings(
            allowed_hosts=[form for name in origins.values() for form in (name, f"{name}:*")],
            allowed_origins=list(origins),
        ),
        auth=AuthSettings(issuer_url="http://localhost", resource_server_url=None) if verifier else None,  # type: ignore[arg-type]
        token_verifier=verifier,
    )
    print(f"whenabouts: MCP at http://{at}:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[listener])


class _OneToken:
    """Accepts one token; everyone who has it is the same client."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def verify_token(self, token: str) -> AccessToken | None:
        """The client, or None."""
        right = secrets.compare_digest(token.encode("utf-8", "replace"), self._token)
        return AccessToken(token=token, client_id="token", scopes=[]) if right else None


def _own_origins(names: Iterable[str], port: int) -> dict[str, str]:
    """The origins of pages that may use the server, each with its name for the Host header. Raises InputError.

    A name such as https://videos.example.org is that of a proxy with TLS.
    """
    found = {}
    for name in names:
        origin = parse_origin(name if "://" in name else f"http://{name}:{port}")
        if origin is None:
            raise InputError(f"{name!r} is not a host name, nor an origin such as https://videos.example.org")
        found[str(origin)] = f"[{origin.host}]" if ":" in origin.host else origin.host
    return found


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
