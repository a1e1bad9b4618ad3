"""Libraries that report home by default, and the switches that stop them: nothing leaves this machine unasked.

    onnxruntime      from 1.32 on: a device id and a database in the user's cache, sent while a model runs
    huggingface_hub  `send_telemetry`, which every trainer of TRL calls
    ray              usage statistics of a cluster, once an hour; `files.actors` keeps it from asking for its cloud

The other dependencies hold no such code. Each library reads its switch when it is imported or started, here or in a
process begun from here, so the switches are set as `whenabouts` itself is imported. Who sets one keeps it.
"""

from __future__ import annotations

import os

__all__ = ["SWITCHES", "switch_off"]

SWITCHES = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "RAY_USAGE_STATS_ENABLED": "0"}


def switch_off() -> None:
    """Set every switch that the user left unset or empty, for this process and those it starts."""
    for name, value in SWITCHES.items():
        if not os.environ.get(name):
            os.environ[name] = value
