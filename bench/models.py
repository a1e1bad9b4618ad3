"""How fast heads are at their published size beside official code on the same batch: forward, training step, memory.

    python bench/models.py [--quick | --smoke] [--models NAME…] [--official DIR]

75 clips x 32 words, at batch 32 for the DETR family and at batch 8 for proposal maps (2 for MS-2D-TAN). DIR holds
checkouts of official code (DIR/moment_detr, DIR/QD-DETR, DIR/CGDETR, DIR/EaTR, DIR/TR-DETR, DIR/TaskWeave, DIR/UniVTG,
DIR/VideoX); what is missing is said, and has no ratio. Without --official only ours is measured.

A model runs in a process of its own, with the official one beside it on the same weights: ours and theirs take turns,
and figures are medians of the CPU time of one thread, so that nothing waits. A step is forward, criterion with matcher,
backward, clipping and optimiser, with tensors ready; `collated_ms` is ours from examples on.

difference: the largest between the answers of ours and of theirs, over logits, spans and saliency
limit:      the ratio if ours were nothing but its matrix products and convolutions
peak_mb:    of a process that only takes steps, ours and theirs

Prints a table to stderr and a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _official import Missing, Rival, build
from _size import Size, parser
from torch import nn
from torch.profiler import ProfilerActivity, profile

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.proposal.head import ProposalHead
from whenabouts.synthetic.features import Synthetic

MAPS = "2d-tan charades-sta", "2d-tan activitynet-captions", "ms-2d-tan activitynet-captions"
PRODUCTS = {
    "aten::addmm", "aten::mm", "aten::bmm", "aten::baddbmm", "aten::mkldnn_convolution", "aten::mkldnn_rnn_layer",
    "aten::convolution_backward", "aten::_scaled_dot_product_flash_attention_for_cpu",
    "aten::_scaled_dot_product_flash_attention_for_cpu_backward", "aten::mkldnn_rnn_layer_backward",
    "aten::_slow_conv2d_forward", "aten::_slow_conv2d_backward", "mkldnn::_linear_pointwise",
}  # fmt: skip
Step = Callable[[], object]


def cpu_ms(work: Step) -> float:
    """CPU time of one run in milliseconds."""
    start = time.process_time()
    work()
    return 1e3 * (time.process_time() - start)


def turns(works: list[Step], rounds: int) -> list[float]:
    """The median of each, taken in turns, after one round that does not count."""
    for work in works:
        work()
    return [
        statistics.median(times) for times in zip(*([cpu_ms(w) for w in works] for _ in range(rounds)), strict=True)
    ]


def share_of_products(work: Step) -> float:
    """How much of the time goes into matrix products and convolutions."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        work()
    rows = [(row.key, row.self_cpu_time_total) for row in profiled.key_averages()]
    return sum(time for key, time in rows if key in PRODUCTS) / sum(time for _, time in rows)


def examples_for(head: Head, name: str, size: Size) -> list[FeatureExample]:
    """As many as a batch has."""
    count = size.pick(32, 32, 2)
    if isinstance(head, ProposalHead):
        count = size.pick(8, 8, 2) if name.startswith("2d") else 2
    width = head.config.video_dim - head.endpoints, head.config.text_dim
    return list(Synthetic(count, video_dim=width[0], text_dim=width[1], clips=(75, 75), words=(32, 32)))


def stepper(head: Head, optimiser: torch.optim.Optimizer, losses: Callable[[], torch.Tensor]) -> Step:
    """What training does with a batch."""

    def step() -> None:
        optimiser.zero_grad()
        losses().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(head.parameters(), 0.1)
        optimiser.step()

    return step


def difference(head: Head, rival: Rival, inputs: tuple[torch.Tensor, ...]) -> float:
    """The largest difference between answers, of the same weights."""
    head.model.load_state_dict(rival.model.state_dict())
    head.eval()
    with torch.no_grad():
        output = head.model(*inputs)
    gaps = []
    for name, theirs in rival.answers().items():
        field, _, number = name.partition("/")
        ours = getattr(output, field)
        gaps.append((ours[int(number)] if number else ours).sub(theirs).abs().max().item())
    return max(gaps)


def measure(name: str, size: Size, official: Path | None) -> dict[str, Any]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    head: Any = HEADS[name.split(maxsplit=1)[0]].published(name.split()[1])
    examples = examples_for(head, name, size)
    result: dict[str, Any] = {}
    rival = None
    inputs = head.inputs(examples)
    if official is not None:
        try:
            rival = build(official, name)
            rival.take(head, examples, np.random.default_rng(0))
            result["difference"] = difference(head, rival, inputs)
        except Missing as reason:
            result["missing"] = str(reason)
    rounds = size.pick(7, 3, 1)

    def forward() -> None:
        with torch.inference_mode():
            head.model(*inputs)

    def both(kind: str, ours: Step, theirs: Step | None) -> None:
        found = turns([ours, *([theirs] if theirs else [])], rounds)
        result[f"{kind}_ms"] = round(found[0], 1)
        if theirs:
            result[f"{kind}_official_ms"], result[f"{kind}_ratio"] = round(found[1], 1), round(found[1] / found[0], 2)
            result[f"{kind}_limit"] = round(found[1] / found[0] / share_of_products(ours), 2)

    head.eval()
    both("forward", forward, rival.forward if rival else None)
    head.train()
    optimiser = torch.optim.AdamW(head.parameters(), lr=1e-4, fused=True)
    prepared = head.prepare(examples, np.random.default_rng(0))
    step = stepper(head, optimiser, lambda: head(prepared)["total"])
    both("step", step, rival.step if rival else None)
    rng = np.random.default_rng(0)
    collated = stepper(head, optimiser, lambda: head(head.prepare(examples, rng))["total"])
    result["collated_ms"] = round(turns([collated], max(1, rounds // 2))[0], 1)
    return result


def peak(name: str, size: Size, official: Path | None) -> int:
    """Megabytes of a process that takes two steps of ours, or of theirs where a folder is given."""
    head: Any = HEADS[name.split(maxsplit=1)[0]].published(name.split()[1])
    examples, rng = examples_for(head, name, size), np.random.default_rng(0)
    if official is None:
        optimiser = torch.optim.AdamW(head.parameters(), lr=1e-4, fused=True)
        step = stepper(head, optimiser, lambda: head(head.prepare(examples, rng))["total"])
    else:
        rival = build(official, name)
        rival.take(head, examples, rng)
        step = rival.step  # type: ignore[assignment]
    for _ in range(2):
        step()
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def ask(*words: str) -> Any:
    """What this program prints in a process of its own."""
    command = [sys.executable, __file__, *words]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


COLUMNS = (
    "forward_ms", "forward_official_ms", "forward_ratio", "forward_limit", "step_ms", "step_official_ms", "step_ratio",
    "step_limit", "collated_ms", "peak_mb", "peak_official_mb", "difference",
)  # fmt: skip


def table(report: dict[str, dict[str, Any]]) -> str:
    """A line a model, and what is missing below."""
    lines = [f"{'':32}" + "".join(f"{column.replace('official', 'off.'):>16}" for column in COLUMNS)]
    for name, found in report.items():
        cells = [found.get(column) for column in COLUMNS]
        shown = [
            "-" if c is None else f"{c:.1e}" if column == "difference" else str(c)
            for column, c in zip(COLUMNS, cells, strict=True)
        ]
        lines.append(f"{name:32}" + "".join(f"{cell:>16}" for cell in shown))
    lines += [f"{name}: {found['missing']}" for name, found in report.items() if "missing" in found]
    return "\n".join(lines)


def main() -> None:
    every = [f"{name} {benchmark}" for name, kind in HEADS.items() for benchmark in kind.recipes if not kind.layered]
    family = [
        f"{n} {next(iter(k.recipes))}" for n, k in HEADS.items() if not (issubclass(k, ProposalHead) or k.layered)
    ]
    arguments = parser(__doc__)
    arguments.add_argument("--models", nargs="+", choices=every, metavar="NAME", help=f"any of: {'; '.join(every)}")
    arguments.add_argument("--official", type=Path, metavar="DIR", help="a folder of checkouts of official code")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    arguments.add_argument("--peak", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.one or options.peak:
        found = (measure if options.one else peak)(options.one or options.peak, options.size, options.official)
        print(json.dumps(found))
        return
    names = options.models or options.size.pick([*family, *MAPS], family, family[:1])
    size, where = options.size.pick([], ["--quick"], ["--smoke"]), options.official
    beside = ["--official", str(where)] if where else []
    report = {}
    for name in names:
        report[name] = ask("--one", name, *size, *beside)
        report[name]["peak_mb"] = ask("--peak", name, *size)
        if where and "missing" not in report[name]:
            report[name]["peak_official_mb"] = ask("--peak", name, *size, *beside)
        print(table({name: report[name]}), file=sys.stderr)
    print(table(report), file=sys.stderr)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
