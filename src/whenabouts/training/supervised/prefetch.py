"""Batches made one step ahead, in a thread of their own, while the step before them runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["Prefetched"]

Made = TypeVar("Made")


class Prefetched(Generic[Made]):
    """What `make` makes of the number of a step; nothing else may decide it, since no one knows when it is made."""

    def __init__(self, make: Callable[[int], Made]) -> None:
        self._make = make
        self._next: tuple[int, Future[Made]] | None = None

    def __enter__(self) -> Prefetched[Made]:
        self._thread = ThreadPoolExecutor(1, "batches")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def get(self, step: int, *, ahead: bool) -> Made:
        """What is made of a step; raises as `make`. Where `ahead` says so the next one is begun."""
        made = self._next[1].result() if self._next is not None and self._next[0] == step else self._make(step)
        self._next = (step + 1, self._thread.submit(self._make, step + 1)) if ahead else None
        return made
