"""The connection to a server, checked before anything is sent."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from whenabouts.errors import MissingExtra, ModelError

__all__ = ["KEY", "bases", "checked", "client", "shown"]

KEY = "OPENAI_API_KEY"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ENDPOINT = "/chat/completions"


def checked(url: str) -> str:
    """The URL without what may stand at its end. Raises ModelError if it is none."""
    url = url.rstrip("/").removesuffix(ENDPOINT).rstrip("/")
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that are not closed, a port that is none
        known = False
    if not known:
        raise ModelError(f"{url!r} is not a server URL; give openai:http://HOST:PORT#MODEL")
    return url


def bases(url: str) -> tuple[str, ...]:
    """Addresses to which `/chat/completions` is added, the likeliest first.

    >>> bases("http://h:8000"), bases("https://h/v1beta/openai")[0]
    (('http://h:8000/v1', 'http://h:8000'), 'https://h/v1beta/openai/v1')
    """
    return (url,) if url.endswith("/v1") else (f"{url}/v1", url)


def shown(url: str) -> str:
    """The URL without name and password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def client(url: str) -> Any:
    """A client that follows no redirect, and no proxy to this machine itself. Raises ModelError, MissingExtra."""
    try:
        import httpx
    except ImportError as error:
        raise MissingExtra("llm", "asking a server") from error
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ModelError(f"{KEY} holds characters that no key has; set it anew")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        if urlsplit(url).hostname in LOOPBACK:
            return httpx.Client(headers=headers, verify=httpx.create_ssl_context(trust_env=True), trust_env=False)
        return httpx.Client(headers=headers)
    except (ImportError, ValueError, httpx.InvalidURL) as error:  # a proxy of the environment that cannot be used
        raise ModelError(f"the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used: {error}") from None
