"""The models that a server says it has."""

from __future__ import annotations

from typing import Any

__all__ = ["models"]

SECONDS = 5.0


def models(client: Any, base: str) -> list[str] | None:
    """Their names, or None from a server that does not list them."""
    import httpx

    try:
        listed = client.get(f"{base}/models", timeout=SECONDS).json()["data"]
        return [str(model["id"]) for model in listed]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None
