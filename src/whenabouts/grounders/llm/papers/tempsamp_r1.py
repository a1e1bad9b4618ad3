"""TempSamp-R1 (arXiv:2509.18056): GRPO with the true answer in every group, and the reward bent around 0.8.

Prompt, readers, rewards and recipe are those of the authors' re-release on TimeLens' data, ZhangZikun6666/TempSamp-R1
(`eval_timelens_bench.py`, `timelens_reward.py`, `timelens_tempsamp.yaml`), which trains Qwen3.5-4B; the paper itself
trained Qwen2.5-VL-7B. The re-release asks for no thought, since the true answer, which is one of each group, has none
to show. How its 2,000 training samples were chosen is not told.

Its evaluation rounds the first interval to whole seconds, like TimeLens'; `tempsamp-r1` reads it unrounded.
"""

from __future__ import annotations

import math
import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import timelens
from whenabouts.grounders.llm.prompting import Prompting, one_line
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import NUMBER, Windows, timelens_rules
from whenabouts.rewards.format import format_reward
from whenabouts.rewards.parse import Parser, read
from whenabouts.rewards.tags import CLOSE, OPEN, answers
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import best_overlap

__all__ = ["TEMPSAMP_R1", "read_evaluation", "read_reward", "shaped", "shaped_tiou"]

THRESHOLD, ALPHA, GAIN = 0.8, 1.0, 0.01
PROMPTING = Prompting(
    question=(
        'To accurately pinpoint the event "{}" in the video, determine the precise time period of the event. '
        "Provide the start and end times (in seconds, precise to two decimal places) in the format "
        '"start time to end time" within <answer> </answer> tags. For example: <answer> 12.5 to 17.8 </answer>.'
    ),
    clean_query=one_line,
)
SAMPLING = Sampling(total_tokens=14336, min_tokens=64, token_side=32)
_RANGE = re.compile(r"(?<!\d)\d+\.?\d*\s*(?:to|and|-)\s*\d")


def read_evaluation(text: str) -> Windows:
    """TempSamp-R1's evaluation: TimeLens' rules, on the first `<answer>` that is one line, else on everything."""
    text = text.lower()
    answer = _on_one_line(text)
    return timelens_rules(text if answer is None else answer)


def read_reward(text: str) -> Windows:
    """TempSamp-R1's reward: the last `a to b` or `a and b`, else the last `a - b`, else the first two numbers.

    Of the first complete `<answer>`, or of everything without one. Spaces around the words may be missing.
    """
    text = next(iter(answers(text)), text)
    for between in ("(?:to|and)", "-"):
        if found := re.findall(rf"{NUMBER}\s*{between}\s*(\d+\.?\d*)", text):
            return [[float(t) for t in found[-1]]]
    numbers = re.findall(r"\b(\d+\.?\d*)\b", text)
    return [[float(t) for t in numbers[:2]]] if len(numbers) >= 2 else []


def _on_one_line(text: str) -> str | None:
    """The inside of the first `<answer>` that has no line break but around it."""
    for before_end in text.split(CLOSE)[:-1]:
        body = before_end.rstrip()
        line = body.rfind("\n") + 1
        above = body.rfind(OPEN, 0, line)
        if above >= 0 and not body[above + len(OPEN) : line].strip():
            return body[above + len(OPEN) :].strip()
        if (start := body.find(OPEN, line)) >= 0:
            return body[start + len(OPEN) :].strip()
    return None


def shaped(reward: float) -> float:
    """The asymmetric shaping of a reward r in [0, 1], with threshold t = 0.8, α = 1 and gain g = 0.01.

        r >= t:  t + g · ln(r − t + 1)
        r <  t:  t − (e^(α (t − r)) − 1) / (e^α − 1)

    Gains above the threshold count little, losses below it count ever more; the order is kept.

    >>> [round(shaped(r), 4) for r in (0.0, 0.8, 1.0)]
    [0.0868, 0.8, 0.8018]
    """
    if reward >= THRESHOLD:
        return THRESHOLD + GAIN * math.log1p(reward - THRESHOLD)
    return THRESHOLD - math.expm1(ALPHA * (THRESHOLD - reward)) / math.expm1(ALPHA)


def shaped_tiou(completion: str, target: Target) -> float:
    """Temporal IoU under TempSamp-R1's asymmetric shaping, of the interval that its training code reads.

    In [0.087, 0.802]. An inverted interval counts as none.
    """
    if not target.windows:
        return shaped(float(read(completion).absent))
    return shaped(best_overlap(read_reward(completion), target.windows))


def _has_an_answer(text: str) -> bool:
    """A range of numbers in the first `<answer>`, whatever stands around it."""
    return any(_RANGE.search(answer) for answer in answers(text)[:1])


FORMAT = format_reward("tempsamp-r1-format", _has_an_answer)

TEMPSAMP_R1 = Paper(
    name="tempsamp-r1",
    title="TempSamp-R1",
    prompting=PROMPTING,
    sampling=SAMPLING,
    parsers=(Parser("tempsamp-r1", read_evaluation), Parser("tempsamp-r1-reward", read_reward, single=True)),
    rewards={"shaped-tiou": shaped_tiou, "tempsamp-r1-format": FORMAT},
    recipes=(
        GRPO(
            name="tempsamp-r1",
            arxiv="2509.18056",
            prompt=PROMPTING.question,
            clean_query=one_line,
            answer="<answer> {} </answer>",
            frames=SAMPLING.max_frames,
            visual_tokens=SAMPLING.total_tokens,
            learning_rate=1e-6,
            schedule="constant",
            batch=16 * 8,
            selection=timelens.SELECTION,
            terms=(Term("shaped-tiou", shaped_tiou), Term("format", FORMAT, 0.1)),
            clip=(0.2, 0.28),
            top_p=0.85,
            tokens=256,
            guided=True,
            unconfirmed=("loss", "selection"),
        ),
    ),
    arxiv="2509.18056",
    backbone="Qwen2.5-VL; Qwen3.5 in the re-release",
    licence="Apache-2.0 (code)",
    source="ZhangZikun6666/TempSamp-R1, the re-release",
    protocol="tempsamp-r1",
    published=(
        Published(
            "TempSamp-R1-7B", "charades-sta", "test", "fine-tuned", recall(None, None, 52.9), "time-r1", "abstract"
        ),
        Published(
            "TempSamp-R1-7B", "activitynet-captions", "", "fine-tuned", recall(None, 56.0), "time-r1", "abstract"
        ),
        Published(
            "TempSamp-R1-7B", "qvhighlights", "", "fine-tuned", {"MR-full-mAP": 30.0}, "qvhighlights", "abstract"
        ),
    ),
)
