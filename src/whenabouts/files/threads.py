"""How many threads this process may use."""

from __future__ import annotations

import os

__all__ = ["allowed_threads"]


def allowed_threads(most: int | None = None) -> int:
    """Those of the machine, or as many as `OMP_NUM_THREADS` says, which Ray sets for its workers; at most `most`.

    Of a list, the first number counts; the others are for nested loops. As in OpenMP, an invalid value is ignored.
    """
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    number = int(first) if first.isdecimal() else 0
    allowed = number or os.cpu_count() or 1
    return allowed if most is None else min(most, allowed)
