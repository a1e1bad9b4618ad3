"""VideoTemp-o3 (arXiv:2602.07801): the model may look again at a part of the video before it answers.

A crop tool shows a stretch at a higher rate; its frames stay in the conversation and out of the loss. Only the outline
of the paper could be read: prompt, weights, learning rate, batch and turns are UNCONFIRMED. It names a penalty-aware
IoU for grounding turns, whose exact formula is UNCONFIRMED too: what stands here is the plainest formula with the
described effect, and a term against asking for the same crop twice.
"""

from __future__ import annotations

import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import time_r1, timelens
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import format_reward
from whenabouts.rewards.parse import Window, read
from whenabouts.rewards.target import Target, first_window
from whenabouts.rewards.tiou import overlap

__all__ = ["VIDEOTEMP_O3", "crops", "penalised_iou", "repeated_crops"]

DUPLICATE_TIOU = 0.9  # from which two crops show the same thing
TOOL_QUESTION = (
    'When does the event "{}" happen in the video? Think within <think> </think> tags. If you need to look '
    "closer, call the tool crop with start and end in seconds; otherwise give the answer within <answer> "
    '</answer> tags. For example: "12.54 to 17.83".'
)
_CALL = re.compile(r"<tool_call>([^<]{0,2000})</tool_call>", re.IGNORECASE)
_STEP = re.compile(r"\s*<think>[^<]*</think>\s*(<tool_call>[^<]*</tool_call>|<answer>[^<]*</answer>)")


def penalised_iou(completion: str, target: Target) -> float:
    """IoU minus the share of the rest of the video that the window claims wrongly.

    In [-1, 1], and 1 only when exact. The whole video, which covers every truth, loses 1: it scores tIoU − 1.

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
    """Minus the share of crop calls that show again what an earlier one showed.

    In (-1, 0].
    """
    seen: list[Window] = []
    again = 0
    for crop in crops(completion):
        if any(overlap(crop, old) >= DUPLICATE_TIOU for old in seen):
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


def _turn_by_turn(text: str) -> bool:
    """A `<think>`, then a `<tool_call>` or the `<answer>`, turn after turn."""
    at, last = 0, ""
    while step := _STEP.match(text, at):
        if last.startswith("<answer>"):
            return False
        at, last = step.end(), step[1]
    return last.startswith("<answer>") and not text[at:].strip()


FORMAT = format_reward("videotemp-o3-format", _turn_by_turn)

VIDEOTEMP_O3 = Paper(
    name="videotemp-o3",
    title="VideoTemp-o3",
    prompting=Prompting(question=timelens.QUESTION),
    parsers=(timelens.PARSER,),
    rewards={"penalised-iou": penalised_iou, "repeated-crops": repeated_crops, "videotemp-o3-format": FORMAT},
    recipes=(
        GRPO(
            name="videotemp-o3",
            arxiv="2602.07801",
            prompt=TOOL_QUESTION,
            answer="<think></think><answer>{}</answer>",
            frames=time_r1.SAMPLING.max_frames,
            visual_tokens=time_r1.SAMPLING.total_tokens,
            learning_rate=1e-6,
            batch=16,
            terms=(
                Term("penalised-iou", penalised_iou),
                Term("repeated-crops", repeated_crops, 0.5),
                Term("format", FORMAT),
            ),
            tokens=8192,  # TRL counts what the tool shows
            crops=3,
            unconfirmed=("prompt", "learning_rate", "batch", "terms", "group", "tokens", "crops", "fps", "frames"),
        ),
    ),
    arxiv="2602.07801",
    backbone="Qwen2.5-VL",
    checkpoints=("Kwai-Keye/VideoTemp-o3",),
    licence="not confirmed",
    source="its tool calls are not confirmed; without the tool it is asked TimeLens' question, once",
    missing="its tool calls when it is asked",
)
