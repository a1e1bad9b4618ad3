"""`whenabouts evaluate`: score predictions on a benchmark, under a protocol that the output names."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.commands import Evaluate
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.evaluation.report import Report

FIELDS = Evaluate.model_fields


@takes(Evaluate)
def evaluate(
    predictions: Annotated[Path, typer.Argument(metavar="PREDICTIONS", help=FIELDS["predictions"].description)],
    command: Evaluate,
    truth: Annotated[
        Path,
        typer.Option("--ground-truth", metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description),
    ] = FIELDS["truth"].default,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: the dictionary of the official evaluator, if there is one.")
    ] = False,
) -> None:
    """Score predictions like the official evaluator of the benchmark, with confidence intervals and blind baselines."""
    with warnings_on_stderr() as shown:
        report = command.run()
        if as_json:
            typer.echo(_json(report))
            return
        shown.append(report.table())
        typer.echo(shown[0])


def _json(report: Report) -> str:
    """The dictionary of the official evaluator, with its exact figures, if there is one; else the report."""
    return json.dumps(report.to_dict() if report.figures is None else report.figures, indent=4)


@contextmanager
def warnings_on_stderr() -> Iterator[list[str]]:
    """Print warnings on stderr, except those that a text in the list already shows."""
    shown: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # of 0/0, which --strict-official reproduces
        yield shown
    for text in dict.fromkeys(str(w.message) for w in caught):
        if not any(text in table for table in shown):
            print(f"whenabouts: {translate('note')}: {translate(text)}", file=sys.stderr)
