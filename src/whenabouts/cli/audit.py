"""`whenabouts audit BENCHMARK`: whether a score is real, beside answers that never look at the video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.document import AsJson, Out, show
from whenabouts.cli.evaluate import warnings_on_stderr
from whenabouts.cli.options import takes
from whenabouts.commands import Audit

FIELDS = Audit.model_fields


@takes(Audit, arguments=["benchmark"])
def audit(
    command: Audit,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", "-p", metavar="FILE", help=FIELDS["predictions"].description, show_default=False),
    ] = None,
    truth: Annotated[
        Path,
        typer.Option("--ground-truth", metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description),
    ] = FIELDS["truth"].default,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a score is worth: every blind baseline, the gain of a system over the best one, and biases.

    Verdicts come first. Without predictions the benchmark itself is looked into.
    """
    from whenabouts.files.outputs import check_outputs

    check_outputs([out], command.inputs)
    with warnings_on_stderr() as shown:
        found = command.run()
        shown.extend(found.notes)
    show(found, as_json=as_json, out=out)
