"""What stands between tags, code fences and brackets, found in linear time on any answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["CLOSE", "OPEN", "answers", "fenced", "nested_lists"]

OPEN, CLOSE = "<answer>", "</answer>"
_BRACKET = re.compile(r"[\[\]]")
_FENCE = re.compile(r"```(?:json)?\s*([\s\S]*?)```", re.IGNORECASE)


def answers(text: str) -> list[str]:
    """The insides of all complete `<answer>` tags, in order, as many papers find them: up to the next closing tag.

    >>> answers("<answer>1</answer> no: <answer>2 <answer>3</answer> <answer>4")
    ['1', '2 <answer>3']
    """
    found, at = [], 0
    while (start := text.find(OPEN, at)) >= 0 and (end := text.find(CLOSE, start)) >= 0:
        found.append(text[start + len(OPEN) : end])
        at = end + len(CLOSE)
    return found


def fenced(text: str) -> Iterator[str]:
    """What the code fences hold, in order."""
    return (fence[1].strip() for fence in _FENCE.finditer(text))


def nested_lists(text: str) -> Iterator[str]:
    """Every `[[…]]` with as many closing as opening brackets, in order; none after one that is not closed.

    >>> list(nested_lists("first [[1, 2], [3, 4]], then [[5, 6]"))
    ['[[1, 2], [3, 4]]']
    """
    at = 0
    while (start := text.find("[[", at)) >= 0:
        depth = 0
        for bracket in _BRACKET.finditer(text, start):
            depth += 1 if bracket[0] == "[" else -1
            if not depth:
                at = bracket.end()
                yield text[start:at]
                break
        else:
            return
