"""How many processes train together, as `accelerate launch` starts them, and what each does of an update."""

from __future__ import annotations

import os

from whenabouts.errors import InputError

__all__ = ["passes"]


def passes(name: str, batch: int, micro: int | None, what: str) -> tuple[int, int]:
    """Of a batch that all processes share: how many answers or samples a forward pass has, and passes of a process.

    Raises InputError where they do not divide the batch of the recipe `name`.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    micro = micro or max(1, batch // processes)
    if batch % (micro * processes):
        among = f" on each of {processes} processes" if processes > 1 else ""
        raise InputError(f"{name}: {batch} {what} per update must be a multiple of {micro} per forward pass{among}")
    return micro, batch // (micro * processes)
