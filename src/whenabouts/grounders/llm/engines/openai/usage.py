"""What servers count."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Usage"]


@dataclass
class Usage:
    """Answered requests and the tokens that the server reports for them: the base of any bill."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def cost(self, prompt: float, completion: float) -> float:
        """The bill at prices per million tokens, in their currency."""
        return (self.prompt_tokens * prompt + self.completion_tokens * completion) / 1e6

    def count(self, told: Any) -> int:
        """Add one request with what its answer tells of its tokens, if anything; returns the tokens written."""
        written = _number(told, "completion_tokens")
        with self._lock:
            self.requests += 1
            self.prompt_tokens += _number(told, "prompt_tokens")
            self.completion_tokens += written
        return written


def _number(told: Any, name: str) -> int:
    """A count, which some servers write as a string or a float; 0 where there is none."""
    value = told.get(name) if isinstance(told, Mapping) else None
    try:
        return max(0, int(float(value))) if isinstance(value, str | int | float) else 0
    except (ValueError, OverflowError):
        return 0
