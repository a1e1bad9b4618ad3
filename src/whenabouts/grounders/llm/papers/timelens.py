"""TimeLens (arXiv:2512.14698): Qwen2.5-VL-7B with numbers before frames, and Qwen3-VL-8B, trained without thinking.

The reward is plain tIoU of the first span, without a format reward. Its GRPO does not divide by the deviation and stops
after 100 updates; samples are drawn hard, around a mean tIoU of 0.05 of the reference model, against the histogram of
the pool. The 8B model has a supervised warm start before it, the recipe `sft`: learning rate, batch and one epoch are
TimeLens' for 30 K samples with a frozen vision tower; the schedule and the use of Time-R1's prompt are ours.
"""

from __future__ import annotations

import re
from dataclasses import replace

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import time_r1
from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting
from whenabouts.grounders.llm.published import Known, Published, recall
from whenabouts.grounders.llm.recipe import GRPO, SFT, Selection
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import Windows, timelens_rules
from whenabouts.rewards.format import format_reward
from whenabouts.rewards.parse import Parser, read
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import overlap

__all__ = ["PAGE", "PARSER", "QUESTION", "SAMPLING", "SELECTION", "TIMELENS_7B", "TIMELENS_8B", "timelens"]

ARXIV = "2512.14698"
TRAINED = "trained on TimeLens-100K"
PAGE = ("timelens", "page and model cards of TimeLens")
LICENCE = "academic, not for use within the EU"
QUESTION = (
    "Please find the visual event described by the sentence '{}', determining its starting and ending times. "
    "The format should be: 'The event happens in <start time> - <end time> seconds'."
)
SAMPLING = Sampling(total_tokens=14336, min_tokens=64, max_frames=448)  # in training
EVALUATED = replace(SAMPLING, max_frames=768)
SELECTION = Selection(easiest=1.0, centre=0.05, flat=True, bucket=30.0)

_SENTENCE = re.compile(r"\s*the event happens in \d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)? seconds\.?\s*", re.IGNORECASE)


def read_evaluation(text: str) -> Windows:
    """TimeLens' evaluation: all clock times in pairs, or else `a - b`, `a to b`, any numbers."""
    return timelens_rules(text.lower())


def read_reward(text: str) -> Windows:
    """TimeLens' training reward: as its evaluation, after every "to", even inside a word, has become "-"."""
    return timelens_rules(text.lower().replace("to", "-"))


def timelens(completion: str, target: Target) -> float:
    """Temporal IoU of the first span, read as TimeLens' training code reads it.

    In [0, 1]; a span with start >= end scores 0.

    >>> timelens("The event happens in 5.0 - 15.0 seconds.", Target(((0.0, 10.0),), 60.0))
    0.3333333333333333
    """
    if not target.windows:
        return float(read(completion).absent)
    found = read_reward(completion)
    if not found or found[0][0] >= found[0][1]:
        return 0.0
    return max(overlap((found[0][0], found[0][1]), truth) for truth in target.windows)


def _has_its_sentence(text: str) -> bool:
    """The sentence `The event happens in a - b seconds`, as the prompt asks for it."""
    return bool(_SENTENCE.fullmatch(text))


PARSER = Parser("timelens", read_evaluation)

WARM_START = SFT(
    name="sft",
    arxiv=ARXIV,
    prompt=time_r1.PROMPTING.question,
    clean_query=time_r1.PROMPTING.clean_query,
    answer="<think></think><answer>{}</answer>",
    frames=SAMPLING.max_frames,
    visual_tokens=SAMPLING.total_tokens,
    learning_rate=1e-5,
    schedule="cosine",
    batch=128,
    unconfirmed=("schedule",),
)
REINFORCED = GRPO(
    name="timelens",
    arxiv=ARXIV,
    prompt=QUESTION,
    answer="The event happens in {} seconds.",
    span="{0:.1f} - {1:.1f}",
    frames=SAMPLING.max_frames,
    visual_tokens=SAMPLING.total_tokens,
    learning_rate=1e-6,
    schedule="constant",
    batch=64,
    steps=100,
    selection=SELECTION,
    terms=(Term("timelens", timelens),),
    scale=False,
    tokens=64,
    unconfirmed=("tokens",),
)

TIMELENS_7B = Paper(
    name="timelens-7b",
    title="TimeLens-7B",
    prompting=Prompting(
        prefix=(
            "You are given a video with multiple frames. The numbers before each video frame indicate its sampling "
            "timestamp (in seconds). "
        ),
        question=QUESTION,
        stamps="frames",
        stamp="{:.1f}",
    ),
    sampling=EVALUATED,
    parsers=(PARSER,),
    arxiv=ARXIV,
    backbone="Qwen2.5-VL",
    checkpoints=("TencentARC/TimeLens-7B",),
    licence=LICENCE,
    memory="15.4 GiB of weights in bf16",
    source="TencentARC/TimeLens; how its own processor writes the numbers is in the checkpoint and is not confirmed",
    missing="the processor inside its checkpoint",
    published=(
        Published("TimeLens-7B", "timelens-bench", "charades", TRAINED, recall(70.5, 55.6, 28.4, miou=48.8), *PAGE),
        Published("TimeLens-7B", "timelens-bench", "activitynet", TRAINED, recall(62.8, 51.0, 32.6, miou=46.2), *PAGE),
        Published("TimeLens-7B", "timelens-bench", "qvhighlights", TRAINED, recall(74.1, 62.7, 43.1, miou=56.0), *PAGE),
    ),
)
TIMELENS_8B = Paper(
    name="timelens",
    title="TimeLens-8B",
    prompting=Prompting(question=QUESTION, stamps="pairs", stamp=PLAIN_STAMP),
    sampling=replace(EVALUATED, token_side=32),
    parsers=(PARSER, Parser("timelens-reward", read_reward)),
    rewards={"timelens": timelens, "timelens-format": format_reward("timelens-format", _has_its_sentence)},
    recipes=(WARM_START, REINFORCED),
    arxiv=ARXIV,
    backbone="Qwen3-VL",
    checkpoints=("TencentARC/TimeLens-8B",),
    licence=LICENCE,
    memory="16.3 GiB of weights in bf16",
    source="TencentARC/TimeLens",
    published=(
        Published("TimeLens-8B", "timelens-bench", "charades", TRAINED, recall(76.6, 63.0, 35.2, miou=55.2), *PAGE),
        Published("TimeLens-8B", "timelens-bench", "activitynet", TRAINED, recall(68.9, 58.4, 40.6, miou=53.2), *PAGE),
        Published("TimeLens-8B", "timelens-bench", "qvhighlights", TRAINED, recall(80.2, 71.6, 55.5, miou=65.5), *PAGE),
    ),
    known=(
        Known(
            "its supervised checkpoint is below Qwen3-VL-8B on QVHighlights (mIoU 57.2 against 59.4); its authors "
            "expect that, and that reinforcement makes up for it",
            "TencentARC/TimeLens#17",
        ),
    ),
)
