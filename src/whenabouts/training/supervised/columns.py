"""Whether folders of features stand side by side as a head has learned them: their widths and names tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from whenabouts.errors import InputError
from whenabouts.grounders.learned.detr.streams import WIDTHS

__all__ = ["Column", "as_learned", "clip_before_slowfast", "learned"]

Column = tuple[str, int]  # the name of a folder of pictures, and the numbers that a row has in it
OFFICIAL: list[Column] = [(name, WIDTHS[name]) for name in ("slowfast", "clip")]


def learned(facts: Mapping[str, Any], width: int) -> list[Column]:
    """The folders that a head of so many numbers a row learned from, in their order; empty where nothing tells.

    Runs of our own say it (`columns`), official files by the names of their features. Where those have other names,
    what is as wide as SlowFast and CLIP is those two: checkpoints are read into that order.
    """
    if "columns" in facts:
        return [(str(name), int(wide)) for name, wide in facts["columns"]]
    if "folders" in facts:  # a run of our own that did not say its columns yet
        return []
    told = facts.get("features", "")
    names = told.split("+") if told else []
    widths = [WIDTHS.get(name, width + 1) for name in names]
    for count, total in enumerate(accumulate(widths), 1):
        if total == width:  # words and sound stand behind the pictures
            return list(zip(names[:count], widths, strict=False))
    return OFFICIAL if width == sum(wide for _, wide in OFFICIAL) else []


def as_learned(given: Sequence[Column], facts: Mapping[str, Any], width: int) -> tuple[str, ...]:
    """Notes on folders that may be others than those a head learned from.

    Raises InputError where the same folders stand in another order.
    """
    taken = learned(facts, width)
    names, wanted = [name for name, _ in given], [name for name, _ in taken]
    widths = [wide for _, wide in given]
    if len(given) < 2 or not taken or sum(widths) != width:  # other sums are refused with the first video
        return ()
    other = widths != [wide for _, wide in taken]
    if other or ("columns" in facts and names != wanted and sorted(names) == sorted(wanted)):
        raise InputError(
            f"the head learned from {_shown(taken)} side by side, and these folders are {_shown(given)}: give them in "
            "that order"
        )
    if "columns" in facts and names != wanted:
        return (
            f"the head learned from folders named {', '.join(wanted)}, and these are named {', '.join(names)}; are "
            "they the same features in the same order?",
        )
    return ()


def clip_before_slowfast(given: Sequence[Column]) -> tuple[str, ...]:
    """A note where CLIP stands before SlowFast, by widths and name: officially it stands behind."""
    if [wide for _, wide in given] != [wide for _, wide in reversed(OFFICIAL)] or "slowfast" not in given[1][0].lower():
        return ()
    return (
        f"{given[0][0]} stands before {given[1][0]}: a head trained so takes them in this order, where official ones "
        "take SlowFast first; give SlowFast first to compare with them",
    )


def _shown(columns: Sequence[Column]) -> str:
    return ", ".join(f"{name} ({wide} numbers)" for name, wide in columns)
