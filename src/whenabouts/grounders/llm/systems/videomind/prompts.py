"""The four roles of VideoMind (arXiv:2503.13444): what each is asked and shown, and how the planner's answer is read.

Prompts are quoted, as the published adapters need them, from yeliudev/VideoMind `constants.py` (BSD-3-Clause); what is
shown is set in `eval/infer_auto.py`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from whenabouts.grounders.llm.sampling import Rounded, Sampling

__all__ = [
    "ANSWERER",
    "BEGIN",
    "END",
    "GROUNDER",
    "PLANNER",
    "REG",
    "VERIFIER",
    "Plan",
    "Role",
    "as_event",
    "read_plan",
]

REG, BEGIN, END = "<|reg|>", "<|seg_start|>", "<|seg_end|>"  # tokens that the grounder and the verifier were given


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the model.

    name:   of its adapter's folder
    prompt: with `{}` where the query stands
    shown:  frames and their size
    """

    name: str
    prompt: str
    shown: Sampling


_SMALL = {"min_tokens": 36, "max_tokens": 64}

PLANNER = Role(
    "planner",
    "You are acting as the planner now. "
    "Given a question about the video, your task is to analyze the question and identify the best way to answer this "
    "question. You have access to the following tools:\n\n"
    "Grounder: Accepts a text query and localize the relevant video segment according to the query.\n"
    "Verifier: A tool supporting grounder by verifying the reliability of its outputs.\n"
    "Answerer: Answer a given question directly based on the whole video or a cropped video segment.\n\n"
    "Your response must be a list in JSON format. "
    'A valid plan for reasoning could be "grounder, verifier, answer", "grounder, verifier", or "answerer", depending '
    "on the given question. Please see an example for the format below.\n\n"
    '[{{"type": "grounder", "value": "<text query>"}}, {{"type": "verifier"}}, {{"type": "answerer"}}]\n\n'
    'Note that only the grounder can accept an argument called "value", which is the text query used for grounding. '
    "Now I give you the question: '{}'. "
    "Please think carefully and respond with your plan in JSON directly.",
    Rounded(fps=1.0, max_frames=100, **_SMALL),
)
GROUNDER = Role(
    "grounder",
    "You are acting as the grounder now. "
    "Given a video and a text query, your goal is to temporally localize the video moment described by the query. "
    "If the query is directly describing a moment, simply localize it according to its content. "
    "Otherwise, if the moment is described as 'before/after a pivotal event', you need to determine the actual event "
    "it refers to. The localized moment should only cover the target event. "
    "Now I give you the query: '{}'. "
    "Please think carefully and provide your response.",
    Rounded(fps=1.0, max_frames=150, **_SMALL),
)
VERIFIER = Role(
    "verifier",
    "You are acting as the verifier now. "
    "You will be presented a text query describing a moment that potentialy happens in the given video. "
    f"Your task is to identify whether the video segment between {BEGIN} and {END} perfectly covers the moment. "
    "If the described moment can be seen in the video, please focus on verifying whether the moment starts at "
    f"{BEGIN} and ends at {END}. "
    "Respond with 'Yes' if you think the moment boundaries are correct, otherwise 'No'. "
    "If the described moment cannot be seen in the video, respond with 'No' directly. "
    "Now I give you the query: '{}'. "
    "Please think carefully and respond with 'Yes' or 'No' directly.",
    Rounded(fps=2.0, max_frames=64, **_SMALL),
)
ANSWERER = Role("answerer", "{}", Rounded(fps=2.0, max_frames=32, min_tokens=128, max_tokens=256))


@dataclass(frozen=True, slots=True)
class Plan:
    """What the planner decided: the event to be found in its words, or None where it answers without looking for one.

    understood: whether its answer could be read; else the event is the query
    """

    event: str | None
    understood: bool = True


def read_plan(answer: str, query: str) -> Plan:
    """The planner's JSON: its first step alone decides, as in the official code.

    >>> read_plan('[{"type": "grounder", "value": "it rains"}, {"type": "verifier"}]', "why are they wet?")
    Plan(event='it rains', understood=True)
    >>> read_plan('[{"type": "answerer"}]', "what is it?"), read_plan("hm", "a dog")
    (Plan(event=None, understood=True), Plan(event='a dog', understood=False))
    """
    try:
        read = json.loads(answer)
        first = read[0] if isinstance(read, list) else read
        kind = first["type"].lower()
        if kind == "grounder" and first["value"]:
            return Plan(str(first["value"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Plan(query, understood=False)
    return Plan(None) if kind == "answerer" else Plan(query)


def as_event(query: str) -> str:
    """A query as the grounder was trained with it: single spaces, no full stop around it.

    >>> as_event("  A man  sits down. ")
    'A man sits down'
    """
    return re.sub(r"\s+", " ", query).strip().strip(".").strip()
