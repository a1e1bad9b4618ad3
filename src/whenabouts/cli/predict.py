"""`whenabouts predict BENCHMARK`: answer all queries of a split, for `whenabouts evaluate`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import resumable
from whenabouts.commands import Predict
from whenabouts.language import translate

MAX_PRINTED_FAILURES = 20


@takes(Predict, arguments=["benchmark"])
def predict(
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Of a model stream:NAME: another setting, such as rise=0.2. Repeatable.",
            show_default=False,
        ),
    ] = None,
    command: Predict = None,  # type: ignore[assignment]  # made from the options
) -> None:
    """Answer every query of a split, video by video; run again, an interrupted run is resumed.

    Videos are found by their names; with --features a trained head needs none. What is missing or broken is listed at
    the end; the others are answered.
    """
    with resumable(), progress() as bar:
        done = command.run(progress=bar)
    if done.path.exists() and not done.known:
        print(translate(f"wrote {done.path}; its annotations have no windows to score it by"), file=sys.stderr)
    elif done.path.exists():
        truth = " ".join([str(done.truth), *(["--split", command.split] if command.split else [])])
        print(
            translate(
                f"wrote {done.path}; next: whenabouts evaluate {done.path} --benchmark {command.benchmark} "
                f"--ground-truth {truth}"
            ),
            file=sys.stderr,
        )
    for note in done.notes:
        print(f"whenabouts: {translate('note')}: {translate(note)}", file=sys.stderr)
    for name, problem in list(done.failures.items())[:MAX_PRINTED_FAILURES]:
        print(f"whenabouts: {name}: {translate(problem)}", file=sys.stderr)
    if done.failures:
        print(f"whenabouts: {translate(f'{len(done.failures)} videos are not answered')}", file=sys.stderr)
        raise typer.Exit(1)
