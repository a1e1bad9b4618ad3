"""Whether `compare` promises what it keeps: claims about systems that are equal, and about one that is better.

    python bench/compare.py [--quick | --smoke]

Splits are drawn in which the queries of a video succeed and fail together (a share of what makes a query easy is the
video's, and of what one system does better the video's too). On each, two systems answer, once equally good and once
with the second better by the difference that `compare` says the split shows four times in five.

    false      of splits with equal systems, the share in which one is said to be better; 0.05 is promised
    covered    the share in which the interval holds the true difference; 0.95 is promised
    power      the share in which the better one is said to be so; 0.80 is promised
    mcnemar    `false` of McNemar's mid-p, which takes queries to be independent

The last line is JSON, with these figures by the number of videos and of queries on each, such as `false_100x4`.
"""

from __future__ import annotations

import json
from statistics import NormalDist

import numpy as np
from _size import parser
from numpy.typing import NDArray

from whenabouts.auditing.comparison.delta import LEVEL, Delta, delta
from whenabouts.metrics.paired import paired_differences

SHAPES = ((10, 1), (10, 10), (30, 4), (100, 1), (100, 10), (400, 2))  # videos, queries on each
VIDEO, TASTE = 0.4, 0.3  # shares of what makes a query easy, and of what one system alone finds easy, that videos have
OWN = 0.4  # of what makes a query easy, what is a system's own
SWAPS = 799


def main() -> None:
    size = parser(__doc__).parse_args().size
    splits, shapes = size.pick(2000, 300, 5), size.pick(SHAPES, SHAPES[1:5], SHAPES[:2])
    figures: dict[str, float] = {}
    print(f"{splits} splits of each shape\n\nvideos  queries   false  covered  power  mcnemar")
    for videos, queries in shapes:
        found = measure(videos, queries, splits)
        figures |= {f"{name}_{videos}x{queries}": round(value, 4) for name, value in found.items()}
        print(f"{videos:6d}  {videos * queries:7d}  " + "  ".join(f"{value:6.3f}" for value in found.values()))
    print(json.dumps(figures))


def measure(videos: int, queries: int, splits: int) -> dict[str, float]:
    """The figures of splits with so many videos and queries on each."""
    chance = np.random.default_rng([videos, queries])
    equal = [compared(chance, videos, queries, 0.5, i) for i in range(splits)]
    smallest = float(np.median([found.smallest or 0.0 for found in equal]))
    better = 0.5 + min(smallest, 0.49)
    shifted = [compared(chance, videos, queries, better, i) for i in range(splits)]
    truth = [(found, 0.0) for found in equal] + [(found, better - 0.5) for found in shifted]
    covered = [found.difference.delta.low <= true <= found.difference.delta.high for found, true in truth]
    return {
        "false": float(np.mean([found.sign != 0 for found in equal])),
        "covered": float(np.mean(covered)),
        "power": float(np.mean([found.sign == 1 for found in shifted])),
        "mcnemar": float(np.mean([found.mcnemar is not None and found.mcnemar.mid <= LEVEL for found in equal])),
    }


def compared(chance: np.random.Generator, videos: int, queries: int, better: float, seed: int) -> Delta:
    """What is said of two systems on a drawn split: the first hits half of all queries, the second `better` of them."""
    named = np.repeat(np.arange(videos), queries)
    easy = np.sqrt(VIDEO) * chance.normal(size=videos)[named] + np.sqrt(1 - VIDEO) * chance.normal(size=len(named))

    def hits(share: float) -> NDArray[np.float64]:
        own = np.sqrt(TASTE) * chance.normal(size=videos)[named] + np.sqrt(1 - TASTE) * chance.normal(size=len(named))
        reached = np.sqrt(1 - OWN) * easy + np.sqrt(OWN) * own
        return (reached > NormalDist().inv_cdf(1 - share)).astype(np.float64)

    pair = hits(0.5), hits(better)
    names = [str(video) for video in named.tolist()]
    found = paired_differences({"R1@0.5": pair}, names, rounds=SWAPS + 1, swaps=SWAPS, seed=seed)["R1@0.5"]
    return delta("R1@0.5", pair, found, names, found.p)


if __name__ == "__main__":
    main()
