"""Which lines are shown together: windows of bounded size that overlap, so that no sentence is only read in halves."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["windows"]


def windows(sizes: Sequence[int], limit: int, overlap: int) -> list[range]:
    """Windows of neighbouring lines of these sizes, as ranges of indices; every line is in one at least.

    Lines of a window are no larger than `limit` together, unless one alone is. Two windows share `overlap` lines, or
    as many as leave room for a new one, and never more than half of a window.

    >>> windows([10] * 7, 40, 1)
    [range(0, 4), range(3, 7)]
    """
    found: list[range] = []
    start, stop = 0, 0
    while stop < len(sizes):
        total = sum(sizes[start:stop])
        while stop < len(sizes) and (stop == start or total + sizes[stop] <= limit):
            total += sizes[stop]
            stop += 1
        found.append(range(start, stop))
        if stop < len(sizes):
            start = stop - min(overlap, (stop - start) // 2)
            while start < stop and sum(sizes[start : stop + 1]) > limit:
                start += 1
    return found
