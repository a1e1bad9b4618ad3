"""TempSamp-R1 (arXiv:2509.18056): GRPO with the true answer in every group, and the reward bent around 0.8.

Shaping and recipe are those of the authors' re-release on TimeLens data; the paper's own could not be read, and its
prompt could not be seen. Thinking and bare answers are both well formed (hybrid CoT), since the true answer has no
thought to show.
"""

from __future__ import annotations

import math
import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import time_r1, timelens
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import format_reward, thinks_then_answers
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import tiou

__all__ = ["TEMPSAMP_R1", "shaped", "shaped_tiou"]

THRESHOLD, ALPHA, GAIN = 0.8, 1.0, 0.01
_SPAN = r"\s*\d+(?:\.\d+)? to \d+(?:\.\d+)?\s*"
_BARE = re.compile(rf"\s*<answer>{_SPAN}</answer>\s*")


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
    """Temporal IoU of the first interval under TempSamp-R1's asymmetric shaping.

    In [0.087, 0.802].
    """
    return shaped(tiou(completion, target))


def _thought_or_bare_answer(text: str) -> bool:
    """Time-R1's tags, or `<answer>a to b</answer>` alone."""
    return thinks_then_answers(text) or bool(_BARE.fullmatch(text))


FORMAT = format_reward("tempsamp-r1-format", _thought_or_bare_answer)

TEMPSAMP_R1 = Paper(
    name="tempsamp-r1",
    title="TempSamp-R1",
    prompting=time_r1.PROMPTING,
    sampling=time_r1.SAMPLING,
    tokens=1024,
    parsers=(time_r1.PARSER,),
    rewards={"shaped-tiou": shaped_tiou, "tempsamp-r1-format": FORMAT},
    recipes=(
        GRPO(
            name="tempsamp-r1",
            arxiv="2509.18056",
            prompt=time_r1.PROMPTING.question,
            clean_query=time_r1.PROMPTING.clean_query,
            answer="<answer> {} </answer>",
            frames=timelens.SAMPLING.max_frames,
            visual_tokens=timelens.SAMPLING.total_tokens,
            learning_rate=1e-6,
            schedule="constant",
            batch=16 * 8,
            selection=timelens.SELECTION,
            terms=(Term("shaped-tiou", shaped_tiou), Term("format", FORMAT, 0.1)),
            clip=(0.2, 0.28),
            top_p=0.85,
            tokens=1024,
            guided=True,
            unconfirmed=("prompt", "fps", "frames", "visual_tokens", "tokens", "epochs", "loss"),
        ),
    ),
    arxiv="2509.18056",
    backbone="Qwen2.5-VL",
    licence="not confirmed",
    source="its prompt is not confirmed; asked as Time-R1, whose answer format it shares",
    missing="its prompt",
    protocol="time-r1",
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
