"""Sound in pieces that are cut where it is quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from whenabouts.video.samples import RATE, Samples

__all__ = ["pieces", "quietest"]

PIECE = 120.0  # seconds of sound in memory at once
QUIET_WITHIN = 30.0  # seconds before the end of a piece in which to look for the quietest place


def pieces(blocks: Iterable[Samples], *, seconds: float | None = None) -> Iterator[tuple[float, Samples]]:
    """Cut a stream of samples into pieces of at most `seconds`, by default `PIECE`, at quiet places.

    Each comes as (start in seconds, samples).
    """
    held: list[Samples] = []
    count = done = 0
    most = round((seconds or PIECE) * RATE)
    for block in blocks:
        held.append(block)
        count += len(block)
        while count >= most:
            whole = np.concatenate(held)
            cut = quietest(whole[:most])
            yield done / RATE, whole[:cut]
            held, count, done = [whole[cut:]], count - cut, done + cut
    if count:
        yield done / RATE, np.concatenate(held)


def quietest(samples: Samples) -> int:
    """Where to cut: the middle of the quietest fifth of a second in the last part of a piece."""
    width = RATE // 5
    tail = samples[-min(len(samples) // 2, round(QUIET_WITHIN * RATE)) :]
    if len(tail) < width:
        return len(samples)
    steps = tail[: len(tail) // width * width].reshape(-1, width)
    quietest = int(np.argmin(np.square(steps).mean(axis=1)))
    return len(samples) - len(tail) + quietest * width + width // 2
