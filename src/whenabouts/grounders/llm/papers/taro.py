"""TaRO (arXiv:2606.09248): reasoning paid for depending on the order of frames at the true boundaries.

Prompt, readers, rewards and recipe are those of oceanflowlab/TaRO (`src/rewards.py`, `standalone_eval/evaluate_vtg.py`,
`scripts/run_qwen2_5_vl_7b.sh`; the prompt of training is that of its `data/test.json`). The IoU is Time-R1's, with the
truth cut to the video and times that end in "s".

Not here is what gives it its name: 0.3 more for an answer with a tIoU of at least 0.7 whose probability falls, by more
than the group's mean, when frames within three seconds of the true boundaries are shuffled. That takes the model, and a
reward here is a function of the words. Its first epoch on written thoughts (`warmup_epochs`) is missing too.
"""

from __future__ import annotations

import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.time_r1 import timestamp_aware
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import NUMBER, Windows
from whenabouts.rewards.format import format_reward, thinks_then_answers
from whenabouts.rewards.parse import Parser, read
from whenabouts.rewards.tags import answers
from whenabouts.rewards.target import Target

__all__ = ["TARO", "read_evaluation", "read_reward", "taro"]

PROMPTING = Prompting(
    question=(
        'To accurately pinpoint the event "{}" in the video, determine the precise time period of the event.\n\n'
        "Output your thought process within the <think> </think> tags, including analysis with either specific time "
        "ranges (xx.xx to xx.xx) in <timestep> </timestep> tags.\n\n"
        "Then, provide the start and end times (in seconds, precise to two decimal places) in the format "
        '"start time to end time" within the <answer> </answer> tags. For example:\n\n'
        "<think>\n"
        "I need to find the specific moment a person eats from a box.\n"
        "From 0.0s to 5.2s, a person is holding a box of food and talking to the camera, but they are not eating yet.\n"
        "From 5.3s to 8.1s, the person opens the box and looks inside. Still no eating action.\n"
        "At 8.2s, the person picks up a piece of food from the box.\n"
        "From 8.5s to 12.4s, the person puts the food in their mouth and chews while holding the box. This clearly "
        'matches "eating from a box."\n'
        "From 12.5s to 15.0s, the person puts the box down and wipes their mouth. The action has ended.\n"
        "Therefore, the relevant segment starts when the food approaches the mouth and ends when the chewing action "
        "concludes or the box is lowered.\n"
        "</think>\n<answer>\n8.50s to 12.40s\n</answer>"
    )
)
SAMPLING = Sampling(max_frames=1024, min_tokens=4, total_tokens=4096)


def read_evaluation(text: str) -> Windows:
    """TaRO's evaluation: the last two numbers of the whole answer, sorted."""
    numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)[-2:]]
    return [sorted(numbers)] if len(numbers) == 2 else []


def read_reward(text: str) -> Windows:
    """TaRO's reward: the last `a s to b s`, written `1.5s to 2s`, of the last complete `<answer>`; also `and`."""
    inside = (answers(text) or [""])[-1]
    found = re.findall(rf"{NUMBER}s (?:to|and) (\d+\.?\d*)s", inside, re.IGNORECASE)
    return [[float(t) for t in found[-1]]] if found else []


def taro(completion: str, target: Target) -> float:
    """Time-R1's timestamp-aware IoU with truth cut to the video, of times that end in "s"; in [-1, 1]."""
    if not target.windows:
        return float(read(completion).absent)
    found = read_reward(completion)
    if not found:
        return 0.0
    cut = [(start, min(end, target.duration)) for start, end in target.windows]
    return max(timestamp_aware((found[0][0], found[0][1]), truth, target.duration) for truth in cut)


def _one_thought_one_answer(text: str) -> bool:
    """`<think>…</think> <answer>…</answer>` and nothing else, each tag once."""
    return thinks_then_answers(text) and all(
        text.count(tag) == 1 for tag in ("<think>", "</think>", "<answer>", "</answer>")
    )


FORMAT = format_reward("taro-format", _one_thought_one_answer)

TARO = Paper(
    name="taro",
    title="TaRO",
    prompting=PROMPTING,
    sampling=SAMPLING,
    tokens=1024,
    parsers=(Parser("taro", read_evaluation, single=True), Parser("taro-reward", read_reward, single=True)),
    rewards={"taro": taro, "taro-format": FORMAT},
    recipes=(
        GRPO(
            name="taro",
            arxiv="2606.09248",
            prompt=PROMPTING.question,
            answer="<think></think><answer>{}</answer>",
            span="{0:.2f}s to {1:.2f}s",
            frames=768,
            visual_tokens=3584,
            learning_rate=1e-6,
            schedule="constant",
            batch=16 * 8,
            epochs=3,
            terms=(Term("taro", taro), Term("format", FORMAT)),
            beta=0.01,
            tokens=1024,
            unconfirmed=("prompt",),
        ),
    ),
    protocol="taro",
    arxiv="2606.09248",
    backbone="Qwen2.5-VL, and Qwen3-VL for 8B",
    checkpoints=("zhengmh/TaRO-7B", "zhengmh/TaRO-3B", "zhengmh/TaRO-8B"),
    licence="none stated",
    memory="7B: 15.4 GiB of weights in bf16",
    source="oceanflowlab/TaRO",
    missing="its reward for temporal sensitivity, which needs the probabilities of the model",
)
