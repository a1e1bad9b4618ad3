"""How often planted predictors are named, and by which names, and who is accused among honest ones.

`confusion` prints a line for each: how many of the seeds got exactly the right names, and the other names they got.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from whenabouts.auditing.portraits import PORTRAITS
from whenabouts.auditing.portraits.first_windows import FirstWindows, beside_truth
from whenabouts.auditing.portraits.planted import PLANTED
from whenabouts.benchmarks.example import Example

__all__ = ["confusion", "names_of", "usable"]


def usable(examples: Sequence[Example]) -> list[Example]:
    """Those with a window on a video of known length."""
    return [e for e in examples if e.duration and len(e.windows)]


def names_of(windows: FirstWindows) -> frozenset[str]:
    """The names that answers get."""
    return frozenset(name for name, portrait in PORTRAITS.items() if portrait.trait(windows))


def confusion(examples: Sequence[Example], train: Sequence[Example], queries: int, seeds: int) -> dict[str, float]:
    """The share of seeds with exactly the right names, by planted predictor; queries are drawn anew for each."""
    rates = {}
    for name, planted in PLANTED.items():
        got: Counter[frozenset[str]] = Counter()
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            chosen = [examples[n] for n in rng.permutation(len(examples))[:queries]]
            given = planted.make(rng, chosen, train)
            by_qid = {e.qid: window for e, window in zip(chosen, given, strict=True)}
            got[names_of(beside_truth(by_qid, chosen, train))] += 1
        rates[name] = got.pop(planted.names, 0) / seeds
        wrong = ", ".join(f"{' + '.join(sorted(names)) or 'none'} {count}" for names, count in got.items())
        print(f"  {name:45} {rates[name]:4.0%}  {' + '.join(sorted(planted.names)) or 'none':20} {wrong}", flush=True)
    return rates
