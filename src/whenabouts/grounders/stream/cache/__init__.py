"""Cache policies: what of a stream's keys and values a decoder-only video-language model keeps, one policy a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry

if TYPE_CHECKING:
    from whenabouts.grounders.stream.cache.policy import CachePolicy

__all__ = ["POLICIES"]

POLICIES: Registry[type[CachePolicy]] = Registry(
    "cache policy",
    "whenabouts.cache_policies",
    {
        "full": "whenabouts.grounders.stream.cache.full:Full",
        "window": "whenabouts.grounders.stream.cache.window:Window",
        "rekv": "whenabouts.grounders.stream.cache.rekv:ReKV",
        "infinipot-v": "whenabouts.grounders.stream.cache.infinipot:InfiniPotV",
        "livevlm": "whenabouts.grounders.stream.cache.livevlm:LiveVLM",
        "cacheflow": "whenabouts.grounders.stream.cache.cacheflow:CacheFlow",
    },
    fits=lambda part: isinstance(part, type) and callable(getattr(part, "recall", None)),
    error=ModelError,
)
