"""`whenabouts train HEAD`: train a head on the features of a benchmark."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.commands.train import Train, Trained
from whenabouts.grounders.learned import HEADS
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.training.supervised.beside import Row
    from whenabouts.training.supervised.sweep import SweptRun


@takes(Train)
def train(
    head: Annotated[str, typer.Argument(metavar="HEAD", help=f"The model: {', '.join(HEADS)}.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any field of the recipe or of the model. NAME=VALUE,VALUE trains each. Repeatable.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Train nothing; show every value beside the published one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    command: Train = None,  # type: ignore[assignment]  # made from the options
) -> None:
    """Train HEAD with the published recipe, and keep the model that is best on the split for validation.

    The folder gets best.pt for `whenabouts find --model`, validation.jsonl with its predictions, recipe.json,
    log.jsonl, and last.pt to resume from.

    For several GPUs: accelerate launch -m whenabouts train …
    """
    if dry_run:
        for note in command.borrowed():
            print(f"whenabouts: {translate(note)}", file=sys.stderr)
        rows = command.beside()
        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) if as_json else _table(rows))
        return
    try:
        with progress() as bar:
            done = command.run(progress=bar)
    except KeyboardInterrupt:
        print(f"whenabouts: {translate('interrupted; the same command with --resume goes on')}", file=sys.stderr)
        raise
    for note in done.notes:
        print(f"whenabouts: {translate(note)}", file=sys.stderr)
    if as_json:
        print(json.dumps([_plain(run) for run in done.runs] if done.sweep else _plain(done.runs[0]), indent=2))
        return
    _tell(done)


def _tell(done: Trained) -> None:
    for run in done.runs:
        scores = "  ".join(f"{name} {value:.2f}" for name, value in run.best.scores.items())
        print(translate(f"{run.best.path}: epoch {run.best.epoch}, {scores or 'not evaluated'}"))
    if done.sweep:
        print(translate(f"all of them, best first: {done.sweep}"), file=sys.stderr)
    if "encoder" in done.facts:  # features of unknown make cannot be made of a video
        print(translate(f'try it: whenabouts find --model {done.runs[0].best.path} VIDEO "QUERY"'), file=sys.stderr)


def _plain(run: SweptRun) -> dict[str, Any]:
    found = {"model": str(run.best.path), "epoch": run.best.epoch, "scores": run.best.scores}
    return found | ({"set": dict(run.settings)} if run.settings else {})


def _table(rows: Sequence[Row]) -> str:
    head = [translate(title) for title in ("field", "here", "published", "source")]
    cells = [head] + [[row.field, row.ours, row.official, row.source] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    marks = [" ", *("≠" if row.differs else " " for row in rows)]
    return "\n".join(
        f"{mark} {'  '.join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True))}".rstrip()
        for mark, row in zip(marks, cells, strict=True)
    )
