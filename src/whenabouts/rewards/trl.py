"""The same rewards as TRL calls them: a batch of completions and the columns of the data set.

    format_term = Term("format", strict_format, 0.5)
    trainer = GRPOTrainer(reward_funcs=[reward_function(tiou), reward_function(format_term)], ...)

TRL hands every column of the data set as a list, one entry per completion. Those read here:

    windows   [[start, end], …] in seconds; or `span`, one [start, end]; an empty list or None is a negative query
    duration  seconds
    sample    a name for messages (optional), saliency  ratings per clip (optional)

Nothing of TRL is imported. ms-swift calls `(completions, **columns)`, which works unchanged; verl calls one answer at
a time, for which the reward itself is the right function (docs/post-training.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from whenabouts.errors import InputError
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Reward, Target

__all__ = ["reward_function", "targets_of", "text_of_completion"]

Completion = str | Sequence[Mapping[str, Any]]


def reward_function(reward: Reward | Term) -> Callable[..., list[float]]:
    """A reward, a term or a composition as `(prompts, completions, **columns) -> list[float]`, of the same name.

    A schedule reads the progress from TRL's `trainer_state`. Raises InputError for a missing column, an empty batch
    and a reward that is not a finite number; the message names the sample.
    """
    term = reward if isinstance(reward, Term) else Term(getattr(reward, "__name__", "reward"), reward)

    def rewards(
        prompts: Sequence[Any] | None = None, completions: Sequence[Completion] = (), **columns: Any
    ) -> list[float]:
        if not completions:
            name = next(iter(columns.get("sample") or ()), "a sample without a name")
            raise InputError(f"{name}: the reward {term.name} was given an empty group; a step needs answers")
        progress = _progress(columns.get("trainer_state"))
        targets = targets_of(columns, len(completions))
        return [
            term.value(text_of_completion(completion), target, progress)
            for completion, target in zip(completions, targets, strict=True)
        ]

    rewards.__name__ = term.name
    return rewards


def targets_of(columns: Mapping[str, Any], size: int) -> list[Target]:
    """The targets of a batch from its columns. Raises InputError that names the column or the sample."""
    if "duration" not in columns or not ("windows" in columns or "span" in columns):
        raise InputError("a temporal reward reads the columns windows (or span) and duration; add them to the data set")
    windows = columns["windows"] if "windows" in columns else [[span] if span else [] for span in columns["span"]]
    names = columns.get("sample") or [f"sample {i + 1} of the batch" for i in range(size)]
    curves = columns.get("saliency") or [()] * size
    rows = zip(windows, columns["duration"], curves, names, strict=False)
    targets = [_target(*row) for row in rows]
    if len(targets) != size:
        raise InputError(f"{size} completions came with {len(targets)} targets; every column needs one entry each")
    return targets


def _target(windows: Any, duration: Any, curve: Any, name: Any) -> Target:
    try:
        pairs, seconds = tuple((float(start), float(end)) for start, end in windows or ()), float(duration)
    except (TypeError, ValueError):
        raise InputError(
            f"{name}: windows must be pairs of seconds and duration a number, not {windows!r} and {duration!r}"
        ) from None
    return Target(pairs, seconds, tuple(curve or ()), str(name))


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
