"""What the protocols of published figures are, by their names on the leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whenabouts.evaluation.protocols import OFFICIAL, PROTOCOLS

__all__ = ["CODES", "Rule", "code_named", "rule"]


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
CODES = {  # other names under which these protocols are known
    "2dtan-nms-gt": "2d-tan",
    "qvh-official": "qvhighlights",
    "qvh-hl": "qvhighlights",
    "opentad map": "opentad",
    "anet-toolkit map": "actionformer",
    "set iou mean": "set-iou",
    "top-1": "top-1-gt",
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


def code_named(name: str) -> str:
    """A protocol as it is called here, however it was typed."""
    plain = name.strip().lower()
    return CODES.get(plain, plain)
