"""What the protocols of published figures are, by their names on the leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whenabouts.evaluation.protocols import OFFICIAL, PROTOCOLS

__all__ = ["Rule", "protocols_named", "rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a published figure was counted.

    says:      in words
    counts:    whether a first window hits with IoU > m or >= m; None where no first window is counted
    scored_by: the protocol here that counts so; None where none does, so that no run can be placed
    official:  the official evaluator here that counts so
    """

    says: str
    counts: Literal[">", ">="] | None = None
    scored_by: str | None = None
    official: str | None = None


OWN: dict[str, Rule] = {  # of evaluations that have no name of their own in PROTOCOLS
    "?": Rule("in a way that is not stated"),
    "vlm-top1-ge": Rule("the first window of a video-language model, IoU >= m", ">=", "timesuite"),
    "detr-grid-ge": Rule("the first window, rounded to the grid of clips, IoU >= m", ">="),
    "snag": Rule("windows of any length, IoU >= m", ">=", "own"),
    "top-1-gt": Rule("the first window, IoU > m", ">"),
    "online-causal": Rule("windows told while the video plays, IoU >= m, and how late they are told"),
    "set-iou": Rule("the IoU of all windows of a query at once, averaged"),
    "proposal-recall": Rule("recall of proposals without classes"),
}
FAMILIES: dict[str, tuple[str, ...]] = {  # other names under which these protocols are known, alone or several
    "vlm-top1-ge": ("vlm-top1-ge", "time-r1-final", "timelens", "timelens2", "extremewhenbench"),
    "2dtan-nms-gt": ("2d-tan", "charades-sta", "ms-2d-tan", "otani"),
    "qvh-official": ("qvhighlights",),
    "qvh-hl": ("qvhighlights",),
    "opentad map": ("opentad", "proposal-recall"),
    "anet-toolkit map": ("actionformer",),
    "set iou mean": ("set-iou",),
    "top-1": ("top-1-gt",),
}


def rule(name: str) -> Rule:
    """The rule of a protocol: one of this page, one of PROTOCOLS, or an official evaluator's."""
    if name in OWN:
        return OWN[name]
    if name in OFFICIAL:
        return Rule(f"mAP as the evaluator {name} has it", official=name)
    kind = PROTOCOLS[name]
    strict = getattr(kind, "strict", None)
    if name == "qvhighlights":
        return Rule(kind.source, ">=", name)
    return Rule(kind.source, None if strict is None else ">" if strict else ">=", name)


def protocols_named(name: str) -> tuple[str, ...]:
    """The protocols that a name stands for, however it was typed."""
    plain = name.strip().lower()
    return FAMILIES.get(plain, (plain,))
