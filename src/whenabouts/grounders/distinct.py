"""Moments that repeat each other become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from whenabouts.moment import Moment

__all__ = ["DUPLICATE_TIOU", "distinct"]

DUPLICATE_TIOU = 0.5  # two moments that overlap by more than this are one
BLOCK = 30.0  # seconds; only moments that share a block can overlap, so thousands are compared in no time


def distinct(moments: Iterable[Moment]) -> list[Moment]:
    """Best first; a moment that repeats a better one gives it its evidence and goes.

    >>> [m.start for m in distinct([Moment(0, 10, 0.4), Moment(1, 10, 0.9), Moment(20, 30, 0.5)])]
    [1, 20]
    """
    kept: list[Moment] = []
    there: dict[int, list[int]] = defaultdict(list)  # places in `kept` by block
    for moment in sorted(moments, key=lambda m: -m.score):
        blocks = range(int(moment.start // BLOCK), int(moment.end // BLOCK) + 1)
        near = sorted({i for block in blocks for i in there[block]})
        twin = next((i for i in near if kept[i].tiou(moment) > DUPLICATE_TIOU), None)
        if twin is None:
            for block in blocks:
                there[block].append(len(kept))
            kept.append(moment)
        else:
            evidence = tuple(dict.fromkeys(kept[twin].evidence + moment.evidence))
            kept[twin] = replace(kept[twin], evidence=evidence)
    return kept
