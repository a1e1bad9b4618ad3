"""TAR-TVG (arXiv:2508.07683): reasoning with time-stamped anchors that come nearer and nearer to the answer.

The reasoning holds intervals in <timestamp> tags, the anchors. No code was released; the soft IoU follows the
description of the paper, while prompt, weights, learning rate, group and the exact anchor reward are UNCONFIRMED. The
anchor reward here is the share of steps that do not lose overlap. Two guards keep it from being farmed: it is
multiplied by the tIoU of the answer, so that bad first anchors buy nothing, and more than `MAX_ANCHORS` score 0.

The recipe is the first of the paper's three stages; the second is `sft` on the traces it collects, the third this one
again.
"""

from __future__ import annotations

import re
from itertools import pairwise

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import time_r1
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import format_reward, thinks_then_answers
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window
from whenabouts.rewards.tiou import overlap, tiou

__all__ = ["MAX_ANCHORS", "TAR_TVG", "anchor_progress", "anchors", "soft_iou"]

MAX_ANCHORS = 8  # more are a list of everything, and no reasoning
PROMPTING = Prompting(
    system=time_r1.PROMPTING.system,
    question=(
        'When does the event "{}" happen in the video? Reason within <think> </think> tags and write every time '
        "range that you consider within <timestamp> </timestamp> tags, each closer than the one before. "
        'Then give the answer within <answer> </answer> tags. For example: "12.54 to 17.83".'
    ),
)
_ANCHOR = re.compile(r"<(timestamp|timestep)>([^<]{0,200})</\1>", re.IGNORECASE)


def soft_iou(completion: str, target: Target) -> float:
    """IoU without the floor at 0: disjoint windows score minus the gap over the hull.

    In [-1, 1].

    >>> soft_iou("<answer>20 to 30</answer>", Target(((0.0, 10.0),), 60.0))
    -0.3333333333333333
    """
    return first_window(completion, target, _soft, worst=-1.0)


def _soft(window: Window, truth: Window) -> float:
    hull = max(window[1], truth[1]) - min(window[0], truth[0])
    return (min(window[1], truth[1]) - max(window[0], truth[0])) / hull


def anchor_progress(completion: str, target: Target) -> float:
    """The answer's tIoU × the share of steps, anchor to anchor and last anchor to answer, that keep or gain tIoU.

    In [0, 1], and 1 only with an exact answer. 0 without anchors, with more than MAX_ANCHORS, or where the last anchor
    is worse than the first.
    """
    found, final = anchors(completion), tiou(completion, target)
    if not found or len(found) > MAX_ANCHORS or not target.windows:
        return 0.0
    path = [max(overlap(window, truth) for truth in target.windows) for window in found]
    if path[-1] < path[0]:
        return 0.0
    steps = [*path, final]
    kept = sum(after >= before for before, after in pairwise(steps))
    return final * kept / (len(steps) - 1)


def anchors(completion: str) -> list[Window]:
    """The valid windows in <timestamp> tags, or Time-R1's <timestep>, in seconds, in the order of the reasoning."""
    read = [time_r1.read_reward(f"<answer>{text}</answer>") for _, text in _ANCHOR.findall(completion)]
    return [(found[0][0], found[0][1]) for found in read if found and found[0][0] < found[0][1]]


def _anchored(text: str) -> bool:
    """Time-R1's tags, with `<timestamp>a to b</timestamp>` in the thought."""
    return thinks_then_answers(text) and bool(anchors(text[: text.rfind("</think>")]))


FORMAT = format_reward("tar-tvg-format", _anchored)

TAR_TVG = Paper(
    name="tar-tvg",
    title="TAR-TVG",
    prompting=PROMPTING,
    sampling=time_r1.SAMPLING,
    tokens=1024,
    parsers=(time_r1.PARSER,),
    rewards={"soft-iou": soft_iou, "anchor-progress": anchor_progress, "tar-tvg-format": FORMAT},
    recipes=(
        GRPO(
            name="tar-tvg",
            arxiv="2508.07683",
            prompt=PROMPTING.question,
            answer="<think><timestamp>{}</timestamp></think><answer>{}</answer>",
            frames=time_r1.SAMPLING.max_frames,
            visual_tokens=time_r1.SAMPLING.total_tokens,
            learning_rate=1e-6,
            batch=16,
            terms=(
                Term("soft-iou", soft_iou),
                Term("anchor-progress", anchor_progress),
                Term("format", FORMAT),
            ),
            tokens=512,
            unconfirmed=("prompt", "answer", "learning_rate", "batch", "terms", "group", "tokens", "fps", "frames"),
        ),
    ),
    arxiv="2508.07683",
    backbone="Qwen2.5-VL",
    licence="no release found",
    source="no code found; its tags in words of our own",
    missing="its prompt, and its exact anchor reward",
    protocol="time-r1",
    published=(
        Published(
            "TAR-TVG-7B",
            "charades-sta",
            "test",
            "fine-tuned",
            recall(83.6, None, 50.2, miou=61.1),
            "time-r1",
            "summaries of its first version",
            "no",
        ),
    ),
)
