"""How often predictors that are made by hand are called by their right names, and only by them.

    WHENABOUTS_DATA=annotations python bench/portraits.py [--quick | --smoke] [--queries 1500]

On Charades-STA, ActivityNet Captions, QVHighlights and TACoS, as far as they are at hand, and on made-up annotations.
The last line is JSON: the share of seeds with exactly the right names, the lowest and the mean over all predictors.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
from _portraits import confusion, usable
from _size import parser

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError

SPLITS = {"charades-sta": "test", "activitynet-captions": "val_2", "qvhighlights": "val", "tacos": "test"}
VERBS = ("opens", "closes", "washes", "throws", "eats", "reads", "kicks", "cuts")


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--queries", type=int, help="of each benchmark; default 1500")
    options = arguments.parse_args()
    seeds = options.size.pick(20, 5, 1)
    queries = options.queries or options.size.pick(1500, 300, 120)
    rates: dict[str, dict[str, float]] = {}
    for name, (examples, train) in splits(smoke=options.size.pick(False, False, True)).items():
        print(f"\n{name}: {min(queries, len(examples))} queries, {seeds} seeds")
        rates[name] = confusion(examples, train, queries, seeds)
    every = [rate for of in rates.values() for rate in of.values()]
    print(json.dumps({"lowest": min(every), "mean": round(float(np.mean(every)), 4), "queries": queries}))


def splits(smoke: bool) -> dict[str, tuple[list[Example], list[Example]]]:
    """Test and training queries by name of the benchmark."""
    found = {"made up": (made_up(1, 600), made_up(0, 2000))}
    folder = os.environ.get("WHENABOUTS_DATA")
    if smoke or not folder:
        return found
    for name, split in SPLITS.items():
        try:
            both = [usable(dataset(name).load(Path(folder), one).examples) for one in (split, "train")]
        except InputError as error:
            print(error)
            continue
        found[name] = both[0], both[1]
    return found


def made_up(seed: int, number: int) -> list[Example]:
    """Queries on videos of half a minute to five minutes, three a video, with moments of a tenth of them or so."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(number):
        duration = float(np.random.default_rng([seed, n // 3]).uniform(30, 300))
        length = duration * rng.lognormal(-2.2, 0.5)
        start = float(rng.beta(1.2, 2)) * max(0.0, duration - length)
        query = f"a person {VERBS[rng.integers(len(VERBS))]} the door"
        window = np.array([[start, min(start + length, duration)]])
        made.append(Example(qid=n, video=f"v{n // 3}", query=query, windows=window, duration=duration))
    return made


if __name__ == "__main__":
    main()
