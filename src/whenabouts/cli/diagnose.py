"""`whenabouts diagnose`: what became of every query, and what a system has learned wrongly, in words and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.document import AsJson, Out, show
from whenabouts.cli.evaluate import warnings_on_stderr
from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text
from whenabouts.commands import Diagnose

FIELDS = Diagnose.model_fields


@takes(Diagnose)
def diagnose(
    predictions: Annotated[Path, typer.Argument(metavar="PREDICTIONS", help=FIELDS["predictions"].description)],
    benchmark: Annotated[str, typer.Argument(metavar="BENCHMARK", help=FIELDS["benchmark"].description)],
    command: Diagnose,
    truth: Annotated[
        Path,
        typer.Option("--ground-truth", metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description),
    ] = FIELDS["truth"].default,
    outcome: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="List the queries of this outcome as JSON Lines, the worst first.", show_default=False
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a system gets wrong: every query has one outcome, and what follows is said in words.

    With --against, two systems are told apart by what each has learned wrongly.
    """
    from whenabouts.files.outputs import check_outputs

    check_outputs([out, command.save], command.inputs)
    with warnings_on_stderr() as shown:
        found = command.run()
        shown.extend(found.notes)
        if outcome is None:
            show(found, as_json=as_json, out=out)
        else:
            for row in found.rows(outcome):
                print(json_text(row))
