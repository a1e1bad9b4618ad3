"""The stage of a method that causes a miss, in the terms of ExtremeWhenBench (arXiv:2606.12300).

- `parse`:        the answer could not be read.
- `localisation`: the best moment overlaps a true one, but too little.
- `ranking`:      a right moment was given, but not first.
- `search`:       no region that was looked at overlaps a true moment.
- `recognition`:  one was looked at, and something else was taken for it; without regions this includes `search`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts

__all__ = ["STAGES", "stages"]

STAGES = ("hit", "search", "recognition", "ranking", "localisation", "parse")


def stages(facts: Facts) -> NDArray[np.str_]:
    """(Q,) a name in STAGES for every query."""
    told = [
        ("hit", facts.hit),
        ("parse", ~facts.read),
        ("localisation", facts.overlap > 0),
        ("ranking", facts.rank > 1),
        ("search", facts.looked == 0),
    ]
    return np.select([held for _, held in told], [name for name, _ in told], default="recognition")
