"""TAR-TVG (arXiv:2508.07683): anchors in the reasoning that come nearer and nearer to the answer.

The reasoning holds intervals in <timestamp> tags, the anchors. No official code was found; the soft IoU follows the
description of the paper, while weights and the exact anchor reward are UNCONFIRMED. The form here is the share of
steps that do not lose overlap. Two guards keep it from being farmed: it is multiplied by the tIoU of the answer, so
that bad first anchors buy nothing, and more than `MOST` anchors score 0.
"""

from __future__ import annotations

import re
from itertools import pairwise

from whenabouts.rewards.official_parsers import time_r1_reward
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window
from whenabouts.rewards.tiou import overlap, tiou

__all__ = ["MOST", "anchor_progress", "anchors", "soft_iou"]

MOST = 8  # anchors that are still reasoning and not a list of everything
_ANCHOR = re.compile(r"<(timestamp|timestep)>([^<]{0,200})</\1>", re.IGNORECASE)


def soft_iou(completion: str, target: Target) -> float:
    """IoU without the floor at 0: disjoint windows score the gap over the hull, negative. In [-1, 1].

    >>> soft_iou("<answer>20 to 30</answer>", Target(((0.0, 10.0),), 60.0))
    -0.3333333333333333
    """
    return first_window(completion, target, _soft, worst=-1.0)


def anchor_progress(completion: str, target: Target) -> float:
    """The answer's tIoU × the share of steps, anchor to anchor and last anchor to answer, that keep or gain tIoU.

    In [0, 1], and 1 only with an exact answer. 0 without anchors, with more than MOST, or where the last anchor is
    worse than the first.
    """
    found, final = anchors(completion), tiou(completion, target)
    if not found or len(found) > MOST or not target.windows:
        return 0.0
    path = [max(overlap(window, truth) for truth in target.windows) for window in found]
    if path[-1] < path[0]:
        return 0.0
    steps = [*path, final]
    kept = sum(after >= before for before, after in pairwise(steps))
    return final * kept / (len(steps) - 1)


def anchors(completion: str) -> list[Window]:
    """The valid windows in <timestamp> tags, or Time-R1's <timestep>, in seconds, in the order of the reasoning."""
    read = [time_r1_reward(f"<answer>{text}</answer>") for _, text in _ANCHOR.findall(completion)]
    return [(found[0][0], found[0][1]) for found in read if found and found[0][0] < found[0][1]]


def _soft(window: Window, truth: Window) -> float:
    hull = max(window[1], truth[1]) - min(window[0], truth[0])
    return (min(window[1], truth[1]) - max(window[0], truth[0])) / hull
