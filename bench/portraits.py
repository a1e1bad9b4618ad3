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

from whenabouts.auditing.portraits.planted import made_up
from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError

SPLITS = {"charades-sta": "test", "activitynet-captions": "val_2", "qvhighlights": "val", "tacos": "test"}


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


if __name__ == "__main__":
    main()
