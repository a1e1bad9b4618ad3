"""Progress of long work: the callables that receive it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Fraction", "Progress", "part", "stage"]

Progress = Callable[[str, float], None]  # what is being done, and the fraction of it that is done, in [0, 1]
Fraction = Callable[[float], None]  # the same where what is being done is known


def stage(progress: Progress | None, what: str) -> Fraction | None:
    """Progress of one step that has a name."""
    return None if progress is None else lambda done: progress(what, done)


def part(progress: Fraction | None, start: float, end: float) -> Fraction | None:
    """Progress of a step that takes the whole from `start` to `end`, both in [0, 1]."""
    return None if progress is None else lambda done: progress(start + (end - start) * done)
