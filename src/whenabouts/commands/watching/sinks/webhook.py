"""Events posted as JSON to an address that the user named."""

from __future__ import annotations

import json
from collections.abc import Collection
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from whenabouts.commands.watching.sinks.background import Background, Report
from whenabouts.commands.watching.told import Told, row
from whenabouts.errors import InputError, ServerError
from whenabouts.grounders.stream.event import Event
from whenabouts.version import __version__

__all__ = ["Webhook"]

ATTEMPTS = 5  # at one event, with pauses of 1, 2, 4 and 8 seconds
TIMEOUT = 10.0  # seconds for one answer


class Webhook:
    """Posts the events of some states; a status of 200 to 299 says that one was taken. Raises InputError."""

    def __init__(self, url: str, states: Collection[str], report: Report, *, pause: float = 1.0) -> None:
        try:
            parts = urlsplit(url)
            valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and parts.username is None
        except ValueError:
            valid = False
        if not valid:
            raise InputError("a webhook is an address like https://example.org/hook, without a password")
        self._url, self._states = url, frozenset(states)
        self._opener = build_opener(_NoRedirect)
        self._background: Background[dict[str, Any]] = Background(
            "webhook", self._post, report, attempts=ATTEMPTS, pause=pause
        )

    def __call__(self, told: Told) -> None:
        """Post an event; returns at once."""
        if isinstance(told, Event) and told.state in self._states:
            self._background.put(row(told))

    def close(self) -> None:
        """Post what waits, and end."""
        self._background.close()

    def _post(self, event: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": f"whenabouts/{__version__}"}
        body = json.dumps(event, ensure_ascii=False).encode("utf-8", "backslashreplace")
        request = Request(self._url, body, headers, method="POST")  # noqa: S310 - the scheme was checked
        try:
            with self._opener.open(request, timeout=TIMEOUT):
                pass
        except HTTPError as error:
            error.close()
            raise ServerError(f"it answered with status {error.code}") from None
        except URLError as error:
            raise ServerError(f"it cannot be reached: {_plain(error.reason)}") from None
        except (HTTPException, ValueError) as error:
            raise ServerError(f"it did not answer as a web server does: {type(error).__name__}") from None


class _NoRedirect(HTTPRedirectHandler):
    """Events go where the user said, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: a redirect is an error."""


def _plain(reason: Any) -> str:
    return str(getattr(reason, "strerror", None) or reason).lower()
