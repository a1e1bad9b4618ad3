"""Time-R1 (arXiv:2503.13377): Qwen2.5-VL that thinks before it answers, post-trained with GRPO on timestamp-aware IoU.

Prompt, parsers and reward are those of the final release of www-Ye/Time-R1. The reward is

    r = tIoU · (1 − |s − s*| / D) · (1 − |e − e*| / D)

with D the duration of the video. A window as wide as the video, which plain tIoU still pays for a long event, loses
on both boundaries. The formula is not clamped: a window that overlaps the truth and runs on for more than D after it
is paid less than nothing. Only where a true window itself lies beyond D, which annotations do hold, would two negative
factors make a gain; there the factor of the start stays at 0 or above, and the product at -1 or above.

The recipe trains on 2.5 K samples of middling difficulty with the values of `scripts/posttrain/train_rl.sh`: one GPU
and two accumulation steps make 16 answers per update; what the script leaves to TRL is TRL's default of that time, of
which the KL weight 0.04 was not confirmed (the scripts for fine-tuning on one data set use 0). Training asks before the
video and evaluation after it (`timer1_trainer.py`, `data/data_loader.py`). Samples are drawn once with no ceiling and
then shuffled; a ceiling of 0.7 holds only where each epoch is drawn anew (`process_data.py`, `0070_all`), which
`whenabouts curate time-r1 --easiest 0.7` does. Evaluation allows answers of 1,024 tokens, training of 200; both are
official. For an interval with no extent the official reward fails or repeats the tIoU of another answer; here it is 0.
"""

from __future__ import annotations

import re
import sys

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting, lowercase
from whenabouts.grounders.llm.published import Known, Published, recall
from whenabouts.grounders.llm.recipe import GRPO, Selection
from whenabouts.grounders.llm.sampling import Timed
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import NUMBER, Windows
from whenabouts.rewards.format import format_reward, thinks_then_answers
from whenabouts.rewards.parse import Parser, Window, read
from whenabouts.rewards.tags import answers
from whenabouts.rewards.target import Target

__all__ = [
    "PARSER",
    "PROMPTING",
    "SAMPLING",
    "THINK_ANSWER",
    "TIME_R1",
    "read_evaluation",
    "read_reward",
    "timestamp_aware",
    "timestamp_aware_iou",
]

PROMPTING = Prompting(
    system="You are a helpful assistant.",
    question=(
        'To accurately pinpoint the event "{}" in the video, determine the precise time period of the event.\n\n'
        "Output your thought process within the <think> </think> tags, including analysis with either specific time "
        "ranges (xx.xx to xx.xx) in <timestep> </timestep> tags.\n\n"
        "Then, provide the start and end times (in seconds, precise to two decimal places) in the format "
        '"start time to end time" within the <answer> </answer> tags. For example: "12.54 to 17.83".'
    ),
)
SAMPLING = Timed(total_tokens=3584)


def read_evaluation(text: str) -> Windows:
    """Time-R1's evaluation: the last `a to b` or `a and b`, single spaces, lower case."""
    return _last(re.findall(rf"{NUMBER} (?:to|and) (\d+\.?\d*)", text))


def read_reward(text: str) -> Windows:
    """Time-R1's reward: the last `a to b` or `a and b` of the last complete `<answer>`, in any case."""
    return _last(re.findall(rf"{NUMBER} (?:to|and) (\d+\.?\d*)", (answers(text) or [""])[-1], re.IGNORECASE))


def _last(found: list[tuple[str, str]]) -> Windows:
    return [[float(t) for t in found[-1]]] if found else []


def timestamp_aware_iou(completion: str, target: Target) -> float:
    """Timestamp-aware IoU of the last interval in the last `<answer>`: tIoU · (1 − |Δs| / D) · (1 − |Δe| / D).

    D is the duration. In [-1, 1], and 1 only for the exact interval, read as the official training code reads it. An
    inverted or empty one scores 0, as does none.

    >>> timestamp_aware_iou("<think>…</think> <answer>12.00 to 20.00</answer>", Target(((10.0, 20.0),), 40.0))
    0.76
    """
    if not target.windows:
        return float(read(completion).absent)
    found = read_reward(completion)
    if not found:
        return 0.0
    start, end = found[0]
    return max(timestamp_aware((start, end), truth, target.duration) for truth in target.windows)


def timestamp_aware(window: Window, truth: Window, duration: float) -> float:
    """The formula on two windows and the duration of the video, in seconds; finite for any digits."""
    (start, end), (true_start, true_end) = window, truth
    end = min(end, sys.float_info.max)  # a number of more than 308 digits reads as infinity
    shared = min(end, true_end) - max(start, true_start)
    if shared <= 0 or start >= end:
        return 0.0
    iou = shared / (max(end, true_end) - min(start, true_start))
    return max(-1.0, iou * max(0.0, 1 - abs(start - true_start) / duration) * (1 - abs(end - true_end) / duration))


_README = ("time-r1-final", "README of xiaomi-research/time-r1")
_FIRST = ("time-r1", "README of www-Ye/Time-R1")
PARSER = Parser("time-r1", read_evaluation, single=True)
THINK_ANSWER = format_reward("time-r1-format", thinks_then_answers)

TIME_R1 = Paper(
    name="time-r1",
    title="Time-R1",
    prompting=PROMPTING,
    sampling=SAMPLING,
    tokens=1024,
    parsers=(PARSER, Parser("time-r1-reward", read_reward, single=True)),
    rewards={"time-r1": timestamp_aware_iou, "time-r1-format": THINK_ANSWER},
    recipes=(
        GRPO(
            name="time-r1",
            arxiv="2503.13377",
            prompt=PROMPTING.question,
            clean_query=lowercase,  # in training only: its evaluation asks the sentence as it is
            question_first=True,
            answer="<think></think><answer>{}</answer>",
            frames=SAMPLING.max_frames,
            visual_tokens=SAMPLING.total_tokens,
            learning_rate=1e-6,
            batch=16,
            epochs=5,
            selection=Selection(centre=0.3),
            terms=(Term("time-r1", timestamp_aware_iou), Term("format", THINK_ANSWER)),
            beta=0.04,
            unconfirmed=("beta",),
        ),
    ),
    arxiv="2503.13377",
    backbone="Qwen2.5-VL",
    checkpoints=("Boshenxx/Time-R1-7B", "Boshenxx/Time-R1-3B"),
    licence="Apache-2.0 (code)",
    memory="7B: 15.4 GiB of weights in bf16",
    source="www-Ye/Time-R1, final version",
    protocol="time-r1-final",
    published=(
        Published("Time-R1-7B", "charades-sta", "test", "zero-shot", recall(78.1, 60.8, 35.3), *_README),
        Published("Time-R1-7B", "charades-sta", "test", "fine-tuned", recall(82.8, 72.2, 50.1), *_README),
        Published("Time-R1-7B", "activitynet-captions", "", "zero-shot", recall(58.6, 39.0, 21.4), *_README),
        Published("Time-R1-7B", "activitynet-captions", "", "fine-tuned", recall(73.3, 55.6, 34.0), *_README),
        Published("Time-R1-7B", "tvgbench", "test", "zero-shot", recall(41.8, 29.4, 16.4), *_README),
        Published("TimeZero-7B", "charades-sta", "test", "fine-tuned", recall(83.3, 72.5, 47.9), *_FIRST),
        Published("TimeZero-7B", "activitynet-captions", "", "fine-tuned", recall(68.6, 47.3, 26.9), *_FIRST),
    ),
    known=(
        Known(
            "evaluate.py of the first release is slow, so its authors wrote the evaluation anew with vLLM; the two "
            "differ in prompt, threshold (>= and >) and in what an exception costs",
            "www-Ye/Time-R1#7",
        ),
    ),
)
