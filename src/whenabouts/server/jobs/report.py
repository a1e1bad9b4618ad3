"""What a task says of itself while it is done: its step, the fraction of it, and what it has found so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from whenabouts.progress import Progress

__all__ = ["SILENT", "Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """Called as any `Progress`; `early` receives results that are not final, in the form of the final one."""

    progress: Progress
    early: Callable[[Any], None]

    def __call__(self, step: str, fraction: float) -> None:
        """Pass on the step and the fraction of it that is done."""
        self.progress(step, fraction)


SILENT = Report(lambda step, fraction: None, lambda result: None)
