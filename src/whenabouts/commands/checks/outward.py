"""What would leave the machine: nothing by itself, and what has been set to the contrary."""

from __future__ import annotations

import os

from whenabouts.commands.check import Check
from whenabouts.telemetry import SWITCHES

__all__ = ["outward", "telemetry"]

NAMED = (
    "used for what you name alone: hub:NAME (its files are fetched), openai:URL (it is sent pictures and queries), the "
    "URL of a stream, --address of a cluster"
)
SETTINGS = ("HF_ENDPOINT", "HF_HUB_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")


def telemetry() -> Check:
    """Whether the libraries that could report home are told not to."""
    on = [name for name, off in SWITCHES.items() if os.environ.get(name) != off]
    if on:
        return Check("telemetry", "doubtful", f"libraries may report home, as {', '.join(on)} is set otherwise")
    return Check("telemetry", "ok", "off: no library reports home")


def outward() -> Check:
    """Which commands use a network. Of variables that change where they go, the names are told, not the values."""
    names = sorted(
        {*SETTINGS, *(name for name, value in os.environ.items() if name.startswith("WHENABOUTS_") and value)}
        & os.environ.keys()
    )
    return Check("network", "ok", NAMED, {"set": names})
