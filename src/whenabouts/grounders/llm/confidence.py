"""How confident a model was in the times it wrote."""

from __future__ import annotations

import math

from whenabouts.grounders.llm.conversation import Reply

__all__ = ["confidence"]


def confidence(reply: Reply) -> float | None:
    """The geometric mean probability of the tokens with digits after the reasoning; None without probabilities.

    >>> round(confidence(Reply("2 to 4", ("2", " to ", "4"), (-0.1, -3.0, -0.3))), 3)
    0.819
    """
    text = "".join(reply.tokens)
    begins = max(text.rfind("<answer>"), text.rfind("</think>"), 0)
    logprobs, at = [], 0
    for token, value in zip(reply.tokens, reply.logprobs, strict=True):
        if at >= begins and any(letter.isdigit() for letter in token):
            logprobs.append(value)
        at += len(token)
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else None
