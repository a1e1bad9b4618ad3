"""TimeLens (arXiv:2512.14698): Qwen2.5-VL-7B with numbers before frames, and Qwen3-VL-8B, trained without thinking.

The reward is plain tIoU of the first span, without a format reward; the official `tiou_reward` knows one true span, and
here the one that fits best counts. Its GRPO does not divide by the deviation and stops after 100 updates; samples are
drawn hard, around a mean tIoU of 0.05 of the reference model, against the histogram of their bucket of durations, and
those that no answer overlaps stay. The 8B model has a supervised warm start before it, the recipe `sft`.

The official evaluation rounds its spans to whole seconds before they are scored (`eval_dataloader.py`, `UNIT`): figures
of TimeLens-Bench by its own scripts are those of the parser `timelens-rounded`. A number of more than 308 digits, at
which rounding fails there and ends the run, is no window here.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting, one_line
from whenabouts.grounders.llm.published import Known, Published, recall
from whenabouts.grounders.llm.recipe import GRPO, SFT, Selection
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import Windows, timelens_rules
from whenabouts.rewards.format import format_reward
from whenabouts.rewards.parse import Parser, read
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import best_overlap

__all__ = ["PAGE", "PARSER", "QUESTION", "SAMPLING", "SELECTION", "TIMELENS_7B", "TIMELENS_8B", "timelens"]

ARXIV = "2512.14698"
TRAINED = "trained on TimeLens-100K"
PAGE = ("timelens", "page and model cards of TimeLens")
LICENCE = "academic, not for use within the EU"
QUESTION = (
    "Please find the visual event described by the sentence '{}', determining its starting and ending times. "
    "The format should be: 'The event happens in <start time> - <end time> seconds'."
)
SAMPLING = Sampling(total_tokens=14336, min_tokens=64)
TRAINING_FRAMES = 448
SELECTION = Selection(impossible=True, centre=0.05, flat=True, bucket=30.0)

_THOUGHT = re.compile(r"</think>\s*<answer>")
_SENTENCE = re.compile(r"\s*the event happens in \d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)? seconds\.?\s*", re.IGNORECASE)


def read_evaluation(text: str) -> Windows:
    """TimeLens' evaluation: all clock times in pairs, or else `a - b`, `a to b`, any numbers."""
    return timelens_rules(text.lower())


def read_rounded(text: str) -> Windows:
    """TimeLens' evaluation as its scores see it: the same in whole seconds, halves to the even one."""
    found = read_evaluation(text)
    finite = all(math.isfinite(time) for window in found for time in window)
    return [[float(round(time)) for time in window] for window in found] if finite else []


def read_reward(text: str) -> Windows:
    """TimeLens' training reward: as its evaluation, after every "to", even inside a word, has become "-".

    Only of the `<answer>` where the text begins with `<think>…</think> <answer>…</answer>`.
    """
    return timelens_rules(_answer(text).lower().replace("to", "-"))


def _answer(text: str) -> str:
    """The official `extract_answer`: what follows the thought, if the text begins with one."""
    turn = _THOUGHT.search(text, len("<think>")) if text.startswith("<think>") else None
    end = text.find("</answer>", turn.end()) if turn else -1
    return text[turn.end() : end] if turn and end >= 0 else text


def timelens(completion: str, target: Target) -> float:
    """Temporal IoU of the first span, read as TimeLens' training code reads it.

    In [0, 1]; a span with start >= end scores 0.

    >>> timelens("The event happens in 5.0 - 15.0 seconds.", Target(((0.0, 10.0),), 60.0))
    0.3333333333333333
    """
    if not target.windows:
        return float(read(completion).absent)
    return best_overlap(read_reward(completion), target.windows)


def _has_its_sentence(text: str) -> bool:
    """The sentence `The event happens in a - b seconds`, as the prompt asks for it."""
    return bool(_SENTENCE.fullmatch(text))


PARSER = Parser("timelens", read_evaluation)

WARM_START = SFT(
    name="sft",
    arxiv=ARXIV,
    prompt=QUESTION,
    clean_query=one_line,
    stamps="pairs",
    answer="The event happens in {}.",
    span="{0:.1f} - {1:.1f} seconds",
    frames=TRAINING_FRAMES,
    visual_tokens=SAMPLING.total_tokens,
    learning_rate=1e-5,
    schedule="cosine",
    batch=128,
)
REINFORCED = GRPO(
    name="timelens",
    arxiv=ARXIV,
    prompt=QUESTION,
    clean_query=one_line,
    stamps="pairs",
    answer="The event happens in {} seconds.",
    span="{0:.1f} - {1:.1f}",
    frames=TRAINING_FRAMES,
    visual_tokens=SAMPLING.total_tokens,
    learning_rate=1e-6,
    schedule="constant",
    batch=64,
    steps=100,
    selection=SELECTION,
    terms=(Term("timelens", timelens),),
    scale=False,
    tokens=512,
)

TIMELENS_7B = Paper(
    name="timelens-7b",
    title="TimeLens-7B",
    prompting=Prompting(
        question=(  # all of it after the frames
            "You are given a video with multiple frames. The numbers before each video frame indicate its sampling "
            f"timestamp (in seconds). {QUESTION}"
        ),
        stamps="frames",
        stamp="{:.1f}",
        clean_query=one_line,
    ),
    sampling=SAMPLING,
    parsers=(PARSER,),
    arxiv=ARXIV,
    backbone="Qwen2.5-VL",
    checkpoints=("TencentARC/TimeLens-7B",),
    licence=LICENCE,
    memory="15.4 GiB of weights in bf16",
    source=(
        "TencentARC/TimeLens, evaluation/utils.py; how its own processor writes the numbers is in the checkpoint, "
        "not confirmed; its training takes one number for two frames"
    ),
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
    prompting=Prompting(question=QUESTION, stamps="pairs", stamp=PLAIN_STAMP, clean_query=one_line),
    sampling=replace(SAMPLING, token_side=32),
    parsers=(PARSER, Parser("timelens-rounded", read_rounded), Parser("timelens-reward", read_reward)),
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
