"""What a server says of itself, and how it answers: asked without frames."""

from __future__ import annotations

from typing import Any

__all__ = ["models", "streams"]

SECONDS = 5.0


def models(client: Any, base: str) -> list[str] | None:
    """The models that a server has, or None from one that does not list them."""
    import httpx

    try:
        listed = client.get(f"{base}/models", timeout=SECONDS).json()["data"]
        return [str(model["id"]) for model in listed]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return None


def streams(client: Any, base: str, model: str, timeout: float) -> bool:
    """Whether an answer comes in pieces where that is asked for."""
    import httpx

    asked = {"model": model, "messages": [{"role": "user", "content": "Say yes."}], "stream": True}
    try:
        with client.stream("POST", f"{base}/chat/completions", json=asked, timeout=timeout) as reply:
            return reply.status_code == 200 and "event-stream" in reply.headers.get("content-type", "")
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
