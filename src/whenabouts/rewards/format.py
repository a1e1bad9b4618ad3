"""Format rewards: 1 for an answer in the required shape, 0 for any other.

They pay for tags and not for truth: alone, an empty <answer> earns them. The shapes that papers train on are in
`grounders.llm.papers`; here is what they share, and the strict format, which also asks that the answer be one readable
interval or a statement of absence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Reward, Target

__all__ = ["format_reward", "strict_format", "thinks_then_answers"]

_TURN = re.compile(r"</think>\s*<answer>")


def format_reward(name: str, check: Callable[[str], bool]) -> Reward:
    """A reward that is 1 where `check` holds of the answer, with the docstring of `check`."""

    def reward(completion: str, target: Target) -> float:
        return float(check(completion))

    reward.__name__, reward.__doc__ = name, check.__doc__
    return reward


def thinks_then_answers(text: str) -> bool:
    """`<think>…</think> <answer>…</answer>` and nothing else."""
    # The same as a full match of `<think>.*?</think>\s*<answer>.*?</answer>` on the stripped text, in linear time.
    text = text.strip()
    ends = text.startswith("<think>") and text.endswith("</answer>")
    return ends and bool(_TURN.search(text, len("<think>"), len(text) - len("</answer>")))


def _strict(text: str) -> bool:
    """One thought and one answer, which is a readable interval or says that the query does not happen."""
    once = all(text.count(tag) == 1 for tag in ("<think>", "</think>", "<answer>", "</answer>"))
    answer = read(text)
    return once and thinks_then_answers(text) and (len(answer.windows) == 1 or answer.absent)


strict_format: Reward = format_reward("strict-format", _strict)
