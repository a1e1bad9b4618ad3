"""How fast heads are at their published size: forward, training step, and memory.

    python bench/models.py [--quick | --smoke] [--models NAME…]

75 clips x 32 words, at batch 32 for the DETR family and at batch 1 for the others, of which a training step is measured
for 2D-TAN on Charades-STA at batch 8. `--quick` takes the first recipe of each head of the DETR family, else those with
official timings. A model runs in a process of its own, so that its peak memory
is its own. `official_*` are timings of the official code on another machine of two cores, for orientation only.

Prints a line of JSON: per model `forward_ms` and `train_ms` per batch (best of several), `peak_mb`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from _size import Size, parser

from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.proposal.head import ProposalHead
from whenabouts.synthetic.features import Synthetic

OFFICIAL: dict[str, tuple[float, float | None]] = {  # seconds per batch, best of several
    "moment-detr qvhighlights": (0.1320, 0.6565),
    "qd-detr qvhighlights": (0.2750, 1.3308),
    "cg-detr qvhighlights": (0.5212, 2.2618),
    "univtg qvhighlights": (1.6049, 4.8016),
    "2d-tan charades-sta": (0.5217, 12.4512),
    "2d-tan activitynet-captions": (4.7199, None),
    "ms-2d-tan activitynet-captions": (2.2928, None),
}


def best(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the fastest of several rounds, after one that does not count."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def measure(name: str, size: Size) -> dict[str, float | None]:
    rounds = size.pick(9, 3, 1)
    torch.manual_seed(0)
    head = HEADS[name.split(maxsplit=1)[0]].published(name.split()[1])
    proposal = isinstance(head, ProposalHead)
    width = head.config.video_dim - head.endpoints, head.config.text_dim
    recipe = Synthetic(8 if proposal else 32, video_dim=width[0], text_dim=width[1], clips=(75, 75), words=(32, 32))
    examples = list(recipe)[: size.pick(None, None, 2)]
    rng = np.random.default_rng(0)
    head.eval()
    with torch.no_grad():
        inputs = head.inputs(examples[:1] if proposal else examples)
        forward = best(lambda: head.model(*inputs), rounds)
    result: dict[str, float | None] = {"forward_ms": round(forward, 1), "train_ms": None}
    if not proposal or name == "2d-tan charades-sta":
        head.train()
        optimiser = torch.optim.AdamW(head.parameters(), lr=1e-4)

        def step() -> None:
            optimiser.zero_grad()
            head(head.prepare(examples, rng))["total"].backward()
            optimiser.step()

        result["train_ms"] = round(best(step, max(1, rounds // 3)), 1)
    result["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return result


def main() -> None:
    every = [f"{name} {benchmark}" for name, kind in HEADS.items() for benchmark in kind.recipes]
    family = [f"{n} {next(iter(kind.recipes))}" for n, kind in HEADS.items() if not issubclass(kind, ProposalHead)]
    arguments = parser(__doc__)
    arguments.add_argument("--models", nargs="+", choices=every, metavar="NAME", help=f"any of: {'; '.join(every)}")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.size)))
        return
    default = [name for name in every if name in {*family, *OFFICIAL}]
    names = options.models or options.size.pick(default, family, family[:1])
    report = {}
    for name in names:
        command = [sys.executable, __file__, "--one", name, *options.size.pick([], ["--quick"], ["--smoke"])]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        forward, train = OFFICIAL.get(name, (None, None))
        found["official_forward_ms"], found["official_train_ms"] = forward and 1e3 * forward, train and 1e3 * train
        report[name] = found
        print(f"{name:32} {found}", file=sys.stderr)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
