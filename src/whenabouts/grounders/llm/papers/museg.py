"""MUSEG (arXiv:2505.20715): several segments in one answer, `<answer>1.00-2.00 5.00-6.50</answer>`.

Prompt, reader, rewards and recipes are those of THUNLP-MT/MUSEG (`src/train.py`, `src/eval_grounding.py`,
`scripts/train_stage_1.sh` and `train_stage_2.sh`). Its tasks come in twelve wordings, of which one for a textual query
stands here. Training has two stages: the first pays for thoughts that name the times of the answer, the second no
longer does. Seven processes with two accumulation steps and eight answers make 112 per update.

Where segments are not read the rewards are 0, and so they are here where a number is infinite and the official code
gives NaN. The segments are paired as they stand in the answer, so that the truth out of order is not exact; the format
is paid in full for a thought and an answer that are both empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import Windows, in_pairs
from whenabouts.rewards.parse import Parser, Window, read
from whenabouts.rewards.sets import seconds, shared_seconds, summed
from whenabouts.rewards.tags import answers
from whenabouts.rewards.target import Target

__all__ = ["MUSEG", "global_matching", "local_matching", "segment_matching", "segments_of"]

TASK = (
    "Detect and report the start and end timestamps of the video segment that semantically matches the given textual "
    "query '{}'."
)
ANSWER = (
    "Then summarize your reasoning process above and output selected segments like "
    '"<answer>X.XX-X.XX</answer>", where "X" denotes arabic numbers. If there are multiple segments, separate them '
    'with spaces like "<answer>X.XX-X.XX X.XX-X.XX</answer>". Your output format should be like '
    '"<think>...</think><answer>...</answer>".'
)
THOUGHT = "First, output reasoning process in <think> </think> tags. "
NAMING = (
    "The reasoning process must REFER TO SPECIFIC TIMESTAMPS TO TELL WHERE YOU GET THE INFORMATION FROM THE VIDEO. "
)
PROMPTING = Prompting(question=f"{TASK} {THOUGHT}{NAMING}{ANSWER}")
SAMPLING = Sampling(total_tokens=3584)
NOWHERE: Window = (1e9, 1e9 + 1)  # what a segment without a counterpart is held against

_SHAPE = re.compile(r"\s*<think>(.*?)</think>\s*<answer>(.*?)</answer>\s*", re.DOTALL)


def read_evaluation(text: str) -> Windows:
    """MUSEG's evaluation: all numbers of the one `<answer>` in pairs, none if a pair is not in order."""
    if not _once(text, "answer") or not (inside := answers(text)):
        return []
    try:
        numbers = [float(n) for n in re.findall(r"\d+\.*\d*", inside[0])]
    except ValueError:
        return []
    found = in_pairs(numbers)
    return found if len(numbers) % 2 == 0 and all(start < end for start, end in found) else []


def segments_of(text: str) -> list[Window] | None:
    """The `a-b` of the one `<answer>`, between spaces; None if anything there is not one with 0 <= a < b."""
    if not _once(text, "answer") or not (inside := answers(text)):
        return None
    found = [_segment(piece) for piece in inside[0].split()]
    kept = [pair for pair in found if pair and 0 <= pair[0] < pair[1] < math.inf]
    return kept if len(kept) == len(found) else None


def _segment(piece: str) -> Window | None:
    try:
        start, end = piece.split("-")[:2]
        return float(start), float(end)
    except ValueError:
        return None


def _once(text: str, tag: str) -> bool:
    return text.count(f"<{tag}>") == text.count(f"</{tag}>") == 1


def global_matching(completion: str, target: Target) -> float:
    """F1 of the claimed and the true seconds together, in [0, 1]; official `reward_global_matching`."""
    if not target.windows:
        return float(read(completion).absent)
    return _global(segments_of(completion), target.windows)


def local_matching(completion: str, target: Target) -> float:
    """(1 + GIoU) / 2 of the first segment with the first true one and so on, in [0, 1]; `reward_local_matching`."""
    if not target.windows:
        return float(read(completion).absent)
    return _local(segments_of(completion), target.windows)


def segment_matching(completion: str, target: Target) -> float:
    """`museg-global` and `museg-local` together, in [0, 2]; official `reward_segment_matching`."""
    return global_matching(completion, target) + local_matching(completion, target)


def _global(found: Sequence[Window] | None, truths: Sequence[Window]) -> float:
    if not found:
        return 0.0
    shared = shared_seconds(found, truths)
    precision, recall = shared / (seconds(found) + 1e-6), shared / (summed(truths) + 1e-6)
    return 2 * precision * recall / (precision + recall + 1e-6)


def _local(found: Sequence[Window] | None, truths: Sequence[Window]) -> float:
    if found is None:
        return 0.0
    most = max(len(found), len(truths))
    one, other = ([*windows, *[NOWHERE] * (most - len(windows))] for windows in (found, truths))
    return sum(map(_half_giou, one, other)) / most


def _half_giou(window: Window, truth: Window) -> float:
    shared = max(0.0, min(window[1], truth[1]) - max(window[0], truth[0]))
    union = truth[1] - truth[0] + window[1] - window[0] - shared
    hull = max(window[1], truth[1]) - min(window[0], truth[0])
    return (1 + shared / union - (hull - union) / hull) / 2


def plain_format(completion: str, target: Target) -> float:
    """1 for one thought and one answer of `a-b` between spaces, 0.2 where the answer is not that; second stage."""
    return _format(completion, naming=False)


def naming_format(completion: str, target: Target) -> float:
    """The same, but 0.6 where the thought does not name every time of the answer one to ten times; first stage."""
    return _format(completion, naming=True)


def _format(text: str, *, naming: bool) -> float:
    shape = _SHAPE.fullmatch(text) if _once(text, "think") and _once(text, "answer") else None
    if shape is None:
        return 0.0
    segments = [_segment(piece) for piece in shape[2].split()]
    if None in segments:
        return 0.2
    times = [str(time) for pair in segments if pair for time in pair]
    # As there, the time is a pattern: the dot of 7.0 stands for any character.
    named = all(1 <= len(re.findall(time, shape[1], re.DOTALL)) <= 10 for time in times) if naming else True
    return 1.0 if named else 0.6


FIRST = GRPO(
    name="museg",
    arxiv="2505.20715",
    prompt=PROMPTING.question,
    answer="<think>{}</think><answer>{}</answer>",
    span="{0:.2f}-{1:.2f}",
    between=" ",
    frames=448,
    visual_tokens=SAMPLING.total_tokens,
    learning_rate=1.5e-6,
    batch=7 * 2 * 8,
    terms=(Term("segments", segment_matching), Term("format", naming_format)),
    beta=0.04,
    loss="grpo",
    tokens=4096,
)
SECOND = replace(
    FIRST,
    name="museg-2",
    prompt=f"{TASK} {THOUGHT}{ANSWER}",
    answer="<think></think><answer>{}</answer>",
    terms=(Term("segments", segment_matching), Term("format", plain_format)),
)

MUSEG = Paper(
    name="museg",
    title="MUSEG",
    prompting=PROMPTING,
    sampling=SAMPLING,
    sets=True,
    parsers=(Parser("museg", read_evaluation),),
    rewards={
        "museg": segment_matching,
        "museg-global": global_matching,
        "museg-local": local_matching,
        "museg-format": plain_format,
        "museg-naming-format": naming_format,
    },
    recipes=(FIRST, SECOND),
    protocol="museg",
    arxiv="2505.20715",
    backbone="Qwen2.5-VL",
    checkpoints=("Darwin-Project/MUSEG-7B", "Darwin-Project/MUSEG-3B"),
    licence="none stated",
    memory="7B: 15.4 GiB of weights in bf16",
    source="THUNLP-MT/MUSEG",
)
