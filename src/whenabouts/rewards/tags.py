"""What stands between tags: `<answer>…</answer>`, as the regular expressions of many papers find it, in linear time."""

from __future__ import annotations

__all__ = ["answers"]

OPEN, CLOSE = "<answer>", "</answer>"


def answers(text: str) -> list[str]:
    """The insides of all complete `<answer>` tags, in order; each ends at the next closing tag.

    >>> answers("<answer>1</answer> no: <answer>2 <answer>3</answer> <answer>4")
    ['1', '2 <answer>3']
    """
    found, at = [], 0
    while (start := text.find(OPEN, at)) >= 0 and (end := text.find(CLOSE, start)) >= 0:
        found.append(text[start + len(OPEN) : end])
        at = end + len(CLOSE)
    return found
