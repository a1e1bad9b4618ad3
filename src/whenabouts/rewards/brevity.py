"""Over-long answers: a soft penalty near the limit, as in DAPO (arXiv:2503.14476)."""

from __future__ import annotations

from whenabouts.errors import InputError
from whenabouts.rewards.target import Reward, Target

__all__ = ["brevity"]


def brevity(limit: int = 1024, margin: int = 256) -> Reward:
    """0 up to `limit − margin` characters, falling in a straight line to -1 at `limit` and beyond.

    Characters stand for tokens, so that the reward stays a function of the text. Raises InputError.

    >>> brevity(100, 40)("x" * 80, Target((), 1.0))
    -0.5
    """
    if not 0 < margin <= limit:
        raise InputError(f"a length penalty needs 0 < margin <= limit, not margin={margin}, limit={limit}")

    def penalty(completion: str, target: Target) -> float:
        return -min(1.0, max(0.0, (len(completion) - (limit - margin)) / margin))

    penalty.__doc__ = f"0 up to {limit - margin} characters, falling to -1 at {limit}; a soft penalty as in DAPO."
    return penalty
