"""`whenabouts predict BENCHMARK`: a model's answers on a whole split, ready to be evaluated."""

from __future__ import annotations

import sys

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.commands import Predict

SHOWN = 20  # videos whose failure is printed


@takes(Predict, arguments=["benchmark"])
def predict(command: Predict) -> None:
    """Answer every query of a split, video by video; interrupted, the same command goes on where it stopped.

    Videos are found by their name. Those that are missing or broken are listed at the end; the others are answered.
    """
    with progress() as bar:
        done = command.run(progress=bar)
    print(
        f"wrote {done.path}; now: whenabouts evaluate {done.path} --benchmark {command.benchmark} "
        f"--ground-truth {done.truth}",
        file=sys.stderr,
    )
    for name, problem in list(done.failures.items())[:SHOWN]:
        print(f"whenabouts: {name}: {problem}", file=sys.stderr)
    if done.failures:
        print(f"whenabouts: {len(done.failures)} videos are not answered", file=sys.stderr)
        raise typer.Exit(1)
