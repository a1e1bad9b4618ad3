"""VideoTemp-o3 (arXiv:2602.07801): terms against gaming an agent that crops the video and looks again.

The paper names a penalty-aware IoU for grounding turns; its exact formula is UNCONFIRMED. What stands here is the
plainest formula with the described effect, and a term against asking for the same crop twice.
"""

from __future__ import annotations

import re

from whenabouts.rewards.parse import Window, read
from whenabouts.rewards.target import Target, first_window
from whenabouts.rewards.tiou import overlap

__all__ = ["crops", "penalised_iou", "repeated_crops"]

_CALL = re.compile(r"<tool_call>([^<]{0,2000})</tool_call>", re.IGNORECASE)
SAME = 0.9  # tIoU from which two crops show the same thing


def penalised_iou(completion: str, target: Target) -> float:
    """IoU minus the share of the rest of the video that the window claims wrongly; in [-1, 1], 1 only when exact.

    The whole video, which covers every truth, loses 1: it scores tIoU − 1.

    >>> penalised_iou("<answer>0 to 40</answer>", Target(((0.0, 10.0),), 40.0))
    -0.75
    """

    def score(window: Window, truth: Window) -> float:
        inside = max(0.0, min(window[1], truth[1]) - max(window[0], truth[0]))
        rest = target.duration - (truth[1] - truth[0])
        wrong = window[1] - window[0] - inside
        return overlap(window, truth) - (min(1.0, wrong / rest) if rest > 0 else float(wrong > 0))

    return first_window(completion, target, score)


def repeated_crops(completion: str, target: Target) -> float:
    """Minus the share of crop calls that show again what an earlier one showed; in (-1, 0]."""
    seen: list[Window] = []
    again = 0
    for crop in crops(completion):
        if any(overlap(crop, old) >= SAME for old in seen):
            again += 1
        seen.append(crop)
    return -again / len(seen) if seen else 0.0


def crops(completion: str) -> list[Window]:
    """The windows in seconds that the <tool_call> blocks of a conversation ask for, in order."""
    return [window for call in _CALL.findall(completion) for window in read(_arguments(call)).windows[:1]]


def _arguments(call: str) -> str:
    """The innermost JSON object of a call, where start and end are named."""
    inner = re.findall(r"\{[^{}]*\}", call)
    return inner[-1] if inner else call
