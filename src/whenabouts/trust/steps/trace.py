"""The steps behind a prediction: what its words cite before they conclude, and what its trace claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from whenabouts.prediction import Prediction
from whenabouts.trust.steps.cited import Step, cited

__all__ = ["reasoning", "steps_of"]

CLAIMS = ("event", "text", "question", "query", "claim")  # fields of a step of a trace that say what is there
CONCLUDES = {"answer", "absent", "shortlist"}  # steps that claim nothing of what pictures show


def steps_of(answer: Prediction) -> tuple[Step, ...]:
    """All steps of an answer in order, without repetition, and only those that begin within the video."""
    steps = dict.fromkeys(step for said in answer.said for step in cited(reasoning(said)))
    for row in answer.trace:
        steps |= dict.fromkeys(_of_trace(row))
    return tuple(step for step in steps if step.start < answer.duration)


def reasoning(said: str) -> str:
    """What is said before the conclusion: without <answer>…</answer>, and of <think>…</think> what is inside."""
    thought = re.findall(r"<think>(.*?)(?:</think>|\Z)", said, re.IGNORECASE | re.DOTALL)
    return "\n".join(thought) if thought else re.sub(r"(?is)<answer>.*?(?:</answer>|\Z)", "\n", said)


def _of_trace(row: Mapping[str, Any]) -> Iterator[Step]:
    if row.get("step") in CONCLUDES:
        return
    said = row.get("said")
    call = _object(said) if isinstance(said, str) else None
    for part in (row, call or {}):
        claim = next((part[name] for name in CLAIMS if isinstance(part.get(name), str) and part[name].strip()), "")
        if claim:
            yield from (Step(start, end, claim) for start, end in _windows(part))
    if isinstance(said, str) and call is None:
        yield from cited(reasoning(said))


def _windows(part: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    rows = part.get("moments")
    pairs = list(rows) if isinstance(rows, list | tuple) else [(part.get("start"), part.get("end"))]
    for row in pairs:
        if isinstance(row, list | tuple) and len(row) >= 2 and all(_is_time(value) for value in row[:2]):
            start, end = float(row[0]), float(row[1])
            if 0 <= start < end < float("inf"):
                yield start, end


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
