"""Listens: one socket, one line on the terminal, an end at once."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import sys
import threading
import webbrowser

import uvicorn

from whenabouts.errors import InputError
from whenabouts.server.app import Parts, create_app
from whenabouts.server.settings import Settings

__all__ = ["loopback", "run"]

CLIENTS = 400  # connections at once; more are told to come again
GRACE = 1  # seconds that answers under way have when the server ends


def run(settings: Settings, port: int, *, open_page: bool = False) -> None:
    """Serve until SIGINT or SIGTERM. Raises InputError where the address or the data folder cannot be used."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="whenabouts: %(message)s")
    with _listening(settings.host, port) as listener:
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # a header must not say who asks
            server_header=False,
            limit_concurrency=CLIENTS,
            timeout_graceful_shutdown=GRACE,
        )
        address = _address(settings, listener.getsockname()[1])
        print(f"whenabouts serves {address} (Ctrl-C ends it)", flush=True)
        if open_page:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        _Server(config, app.state.parts).run(sockets=[listener])


def loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> loopback("127.0.0.1"), loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Server(uvicorn.Server):
    """Ends in order on the first signal, and at once on the second; a signal is no error."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    def handle_exit(self, sig: int, frame: object) -> None:
        """A signal came."""
        self.force_exit, self.should_exit = self.should_exit, True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What would go on for ever ends first: followed jobs, running processes."""
        logging.getLogger("uvicorn.error").disabled = True  # answers that are cut short now are no news
        self._parts.changes.close()
        self._parts.desk.close()
        await asyncio.to_thread(self._parts.runner.close)
        await super().shutdown(sockets)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise InputError(f"there is no address {host!r} to listen on; name one of this machine with --host") from None
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot listen on port {port} of {host}: {why}; choose another with --port") from None
    return listener


def _address(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/" + (f"?token={settings.tokens[0]}" if settings.tokens else "")
