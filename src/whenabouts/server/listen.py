"""Serve on a socket: one line on the terminal, and a prompt end on Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import socket
import sys
import threading
import webbrowser

import uvicorn

from whenabouts.errors import InputError
from whenabouts.language import translate
from whenabouts.server.app import create_app
from whenabouts.server.protocol import Protocol
from whenabouts.server.settings import Settings
from whenabouts.server.state import State

__all__ = ["loopback", "run"]

GRACE_SECONDS = 1  # that responses under way have when the server shuts down


def run(settings: Settings, port: int, *, open_page: bool = False) -> None:
    """Serve until SIGINT or SIGTERM. Raises InputError where the address or the data folder cannot be used."""
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    with _listener(settings.host, port) as listener:
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # a header must not decide who the client is
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        gc.collect()
        gc.freeze()  # what is here now stays: looking through it again and again would hold up every client
        url = _url(settings, listener.getsockname()[1])
        print(translate(f"whenabouts is at {url} (press Ctrl-C to stop)"), flush=True)
        if open_page:
            threading.Timer(0.5, webbrowser.open, (url,)).start()
        _Server(config, app.state.server).run(sockets=[listener])


def loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> loopback("127.0.0.1"), loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn is about the server, rather than about a client that sent no HTTP or left early."""
    return record.levelno >= logging.ERROR and not record.getMessage().startswith("ASGI callable returned")


class _Server(uvicorn.Server):
    """Shuts down in order on the first signal, and at once on the second; a signal is not an error."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    def handle_exit(self, sig: int, frame: object) -> None:
        """Take a signal."""
        self.force_exit, self.should_exit = self.should_exit, True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would not end by itself first: followed jobs and running processes."""
        logging.getLogger("uvicorn.error").disabled = True  # that responses are cut short now is expected
        self._state.changes.close()
        self._state.quick_tasks.close()
        await asyncio.to_thread(self._state.runner.close)
        await super().shutdown(sockets)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise InputError(f"{host!r} is not an address of this machine; give one with --host") from None
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


def _url(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/" + (f"?token={settings.tokens[0]}" if settings.tokens else "")
