"""RA-RFT (arXiv:2511.23151): to say that a query does not happen, why, and what would, as a first-class answer.

Prompt, reader, rewards and recipe are those of JINSUBY/RA-RFT (`main_rarft.py`, `timer1_trainer_rarft.py`,
`scripts/train_rarft.sh`), which goes on from Time-R1-7B. An answer is

    <think>…</think> <answer>12.54 to 17.83</answer> <correction>NIL</correction>

or, where nothing fits, an explanation in `<answer>` and a query that does fit in `<correction>`. Training words the two
cases a little differently from evaluation; those of training stand here. What is refused is told by there being no
`a to b` in the answer, so that silence in tags is paid like a refusal where the query does not happen.

Not here is the third reward, which holds explanations and corrections against written ones with a sentence encoder: the
samples of `whenabouts` have no such texts. Its evaluation is a language model's judgement and is not here either.
"""

from __future__ import annotations

import re

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.time_r1 import SAMPLING, timestamp_aware
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import ABSENT, GRPO
from whenabouts.rewards.compose import Term
from whenabouts.rewards.evaluators import NUMBER, Windows
from whenabouts.rewards.format import format_reward
from whenabouts.rewards.parse import Parser
from whenabouts.rewards.tags import answers
from whenabouts.rewards.target import Target

__all__ = ["RA_RFT", "read_reward", "refuse_iou"]

PROMPTING = Prompting(
    question=(
        'Given a video and a query "{}", determine whether the video contains a segment that is relevant to the query.'
        "\n\n**If the query is answerable** (relevant segment exists), output your thought process within the <think> "
        "</think> tags, including analysis with specific time ranges (xx.xx to xx.xx) in <timestep> </timestep> tags.\n"
        "Then, provide the start and end times (in seconds, precise to two decimal places) within the <answer> "
        "</answer> tags.\n"
        'For example: <answer>12.54 to 17.83</answer>. Finally, provide "<correction>NIL</correction>".\n\n'
        "**If the query should be refused** (no relevant segment exists), output your thought process within the "
        "<think> </think> tags, including analysis with specific time ranges (xx.xx to xx.xx) in <timestep> </timestep>"
        " tags.\n"
        "Then, state explicitly that the video does not contain a relevant segment and explain why you think so within "
        "the <answer> </answer> tags.\n"
        "Finally, based on the given video and query, output a corrected query that is likely to be answerable for the "
        "video within the <correction> </correction> tags.\n"
    ),
    question_first=True,
)
_ANSWERED = re.compile(r"</think>\s*<answer>")
_CORRECTED = re.compile(r"</answer>\s*<correction>")


def read_reward(text: str) -> Windows:
    """RA-RFT's reward: the first `a to b` of the last complete `<answer>`, in any case; none is a refusal."""
    found = re.findall(rf"{NUMBER}\s+to\s+(\d+\.?\d*)", (answers(text) or [""])[-1], re.IGNORECASE)
    return [[float(t) for t in found[0]]] if found else []


def refuse_iou(completion: str, target: Target) -> float:
    """Time-R1's timestamp-aware IoU where the query happens; where it does not, 1 for an `<answer>` without `a to b`.

    In [-1, 1]. Without a complete `<answer>` 0; official `refuse_iou_reward`.
    """
    if not answers(completion):
        return 0.0
    found = read_reward(completion)
    if not target.windows:
        return float(not found)
    if not found:
        return 0.0
    window = found[0][0], found[0][1]
    return max(timestamp_aware(window, truth, target.duration) for truth in target.windows)


def _thinks_answers_and_corrects(text: str) -> bool:
    """`<think>…</think> <answer>…</answer> <correction>…</correction>` and nothing else."""
    text = text.strip()
    if not (text.startswith("<think>") and text.endswith("</correction>")):
        return False
    answered = _ANSWERED.search(text, len("<think>"))
    return bool(answered and _CORRECTED.search(text, answered.end(), len(text) - len("</correction>")))


FORMAT = format_reward("ra-rft-format", _thinks_answers_and_corrects)

RA_RFT = Paper(
    name="ra-rft",
    title="RA-RFT",
    prompting=PROMPTING,
    sampling=SAMPLING,
    parsers=(Parser("ra-rft", read_reward, single=True),),
    rewards={"ra-rft": refuse_iou, "ra-rft-format": FORMAT},
    recipes=(
        GRPO(
            name="ra-rft",
            arxiv="2511.23151",
            prompt=PROMPTING.question,
            question_first=True,
            answer="<think></think><answer>{}</answer><correction>NIL</correction>",
            refusal=f"<think></think><answer>{ABSENT}</answer><correction></correction>",
            frames=SAMPLING.max_frames,
            visual_tokens=SAMPLING.total_tokens,
            learning_rate=1e-6,
            batch=8 * 8,
            epochs=3,
            terms=(Term("ra-rft", refuse_iou), Term("format", FORMAT)),
            unconfirmed=("beta", "schedule"),
        ),
    ),
    protocol="ra-rft",
    arxiv="2511.23151",
    backbone="Qwen2.5-VL (from Time-R1-7B)",
    licence="Apache-2.0 (code)",
    memory="7B: 15.4 GiB of weights in bf16",
    source="JINSUBY/RA-RFT",
    missing="its reward for explanations and corrections",
)
