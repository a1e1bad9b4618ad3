"""Format rewards: 1 for an answer in the shape a paper trains on, 0 for any other.

They pay for tags and not for truth: alone, an empty <answer> earns them. `STRICT` also asks that the answer be one
readable interval, or a statement of absence.

    time_r1       <think>…</think> <answer>…</answer>                              arXiv:2503.13377, official code
    tempsamp_r1   the same, or <answer>a to b</answer> alone (hybrid CoT)           arXiv:2509.18056, re-released code
    timelens      The event happens in a - b seconds (the prompt's own wording)     arXiv:2512.14698
    tar_tvg       as time_r1 with <timestamp>a to b</timestamp> in the reasoning    arXiv:2508.07683, UNCONFIRMED
    videotemp_o3  a <think>, then a <tool_call> or the <answer>, turn after turn    arXiv:2602.07801, UNCONFIRMED
"""

from __future__ import annotations

import re

from whenabouts.rewards.parse import read
from whenabouts.rewards.tar_tvg import anchors
from whenabouts.rewards.target import Reward, Target

__all__ = ["FORMATS", "STRICT"]

_TURN = re.compile(r"</think>\s*<answer>")
_SPAN = r"\s*\d+(?:\.\d+)? to \d+(?:\.\d+)?\s*"
_BARE = re.compile(rf"\s*<answer>{_SPAN}</answer>\s*")
_SENTENCE = re.compile(r"\s*the event happens in \d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)? seconds\.?\s*", re.IGNORECASE)
_STEP = re.compile(r"\s*<think>[^<]*</think>\s*(<tool_call>[^<]*</tool_call>|<answer>[^<]*</answer>)")


def _time_r1(text: str) -> bool:
    """Same as a full match of `<think>.*?</think> <answer>.*?</answer>` on the stripped text, in linear time."""
    text = text.strip()
    ends = text.startswith("<think>") and text.endswith("</answer>")
    return ends and bool(_TURN.search(text, len("<think>"), len(text) - len("</answer>")))


def _tempsamp_r1(text: str) -> bool:
    return _time_r1(text) or bool(_BARE.fullmatch(text))


def _timelens(text: str) -> bool:
    return bool(_SENTENCE.fullmatch(text))


def _tar_tvg(text: str) -> bool:
    return _time_r1(text) and bool(anchors(text[: text.rfind("</think>")]))


def _videotemp_o3(text: str) -> bool:
    at, last = 0, ""
    while step := _STEP.match(text, at):
        if last.startswith("<answer>"):
            return False
        at, last = step.end(), step[1]
    return last.startswith("<answer>") and not text[at:].strip()


def _strict(text: str) -> bool:
    once = all(text.count(tag) == 1 for tag in ("<think>", "</think>", "<answer>", "</answer>"))
    answer = read(text)
    return once and _time_r1(text) and (len(answer.windows) == 1 or answer.absent)


def _reward(name: str) -> Reward:
    check = {
        "time_r1": _time_r1,
        "tempsamp_r1": _tempsamp_r1,
        "timelens": _timelens,
        "tar_tvg": _tar_tvg,
        "videotemp_o3": _videotemp_o3,
        "strict": _strict,
    }[name]

    def reward(completion: str, target: Target) -> float:
        return float(check(completion))

    reward.__name__ = f"{name}_format"
    return reward


FORMATS: dict[str, Reward] = {
    name: _reward(name) for name in ("time_r1", "tempsamp_r1", "timelens", "tar_tvg", "videotemp_o3")
}
STRICT: Reward = _reward("strict")
