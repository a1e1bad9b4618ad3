"""The same rewards as TRL calls them: a batch of completions and the columns of the data set.

    trainer = GRPOTrainer(reward_funcs=[reward_function(Term("tiou", tiou))], ...)

TRL hands every column of the data set as a list, one entry per completion. Those read here:

    windows   [[start, end], …] in seconds; or `span`, one [start, end]; an empty list is a negative query
    duration  seconds
    sample    a name for messages (optional), saliency  ratings per clip (optional)

Nothing of TRL is imported. ms-swift calls `(completions, **columns)`, which works unchanged; verl calls one answer at
a time, for which the reward itself is the right function (docs/post-training.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from whenabouts.errors import InputError
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target

__all__ = ["reward_function", "targets_of", "text_of_completion"]

Completion = str | Sequence[Mapping[str, Any]]


def reward_function(term: Term) -> Callable[..., list[float]]:
    """A term as `(prompts, completions, **columns) -> list[float]`, weighted, named after the term.

    A schedule reads the progress from TRL's `trainer_state`. Raises InputError for a missing column, an empty batch
    and a reward that is no finite number; the message names the sample.
    """

    def rewards(
        prompts: Sequence[Any] | None = None, completions: Sequence[Completion] = (), **columns: Any
    ) -> list[float]:
        if not completions:
            raise InputError(f"the reward {term.name} was asked about an empty group; a step needs at least one answer")
        weight = term.weight_at(_progress(columns.get("trainer_state")))
        targets = targets_of(columns, len(completions))
        values = []
        for completion, target in zip(completions, targets, strict=True):
            value = weight * term.reward(text_of_completion(completion), target)
            if not math.isfinite(value):
                raise InputError(f"{target.sample}: the reward {term.name} is {value}; it must be a finite number")
            values.append(value)
        return values

    rewards.__name__ = term.name
    return rewards


def targets_of(columns: Mapping[str, Any], size: int) -> list[Target]:
    """The targets of a batch from its columns. Raises InputError that names the column or the sample."""
    if "duration" not in columns or not ("windows" in columns or "span" in columns):
        raise InputError("a temporal reward reads the columns windows (or span) and duration; add them to the data set")
    windows = columns["windows"] if "windows" in columns else [[span] for span in columns["span"]]
    names = columns.get("sample") or [f"sample {i + 1} of the batch" for i in range(size)]
    curves = columns.get("saliency") or [()] * size
    rows = zip(windows, columns["duration"], curves, names, strict=False)
    targets = [
        Target(tuple((float(a), float(b)) for a, b in spans), float(duration), tuple(curve or ()), str(name))
        for spans, duration, curve, name in rows
    ]
    if len(targets) != size:
        raise InputError(f"{size} completions came with {len(targets)} targets; every column needs one entry each")
    return targets


def text_of_completion(completion: Completion) -> str:
    """The assistant's words: a string as it is, a conversation turn by turn, without what tools showed.

    TRL takes thoughts and tool calls out of the text; they go back into <think> and <tool_call> tags, where the rewards
    look for them.
    """
    if isinstance(completion, str):
        return completion
    return "\n".join(_turn(message) for message in completion if message.get("role") != "tool")


def _turn(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    text = content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)
    thought = message.get("reasoning_content")
    calls = [json.dumps(call["function"]) for call in message.get("tool_calls") or ()]
    return (
        (f"<think>{thought}</think>" if thought else "") + text + "".join(f"<tool_call>{c}</tool_call>" for c in calls)
    )


def _progress(state: Any) -> float:
    steps = getattr(state, "max_steps", 0) or 0
    return min(1.0, getattr(state, "global_step", 0) / steps) if steps > 0 else 0.0
