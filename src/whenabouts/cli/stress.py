"""`whenabouts stress VIDEO|BENCHMARK`: what is wrong with a model, in words, tables, JSON and a page."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.document import AsJson, Out, show
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import resumable
from whenabouts.commands import Stress

FIELDS = Stress.model_fields


@takes(Stress, arguments=["subject"])
def stress(
    queries: Annotated[
        list[str] | None,
        typer.Option("--query", "-q", metavar="QUERY", help=FIELDS["queries"].description, show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help=FIELDS["settings"].description, show_default=False),
    ] = None,
    command: Stress = None,  # type: ignore[assignment]  # made from the options
    out: Out = None,
    as_json: AsJson = False,
    fail_on_flaw: Annotated[
        bool, typer.Option("--fail-on-flaw", help="Exit with 1 if a flaw is found, or a probe failed.")
    ] = False,
) -> None:
    """Question a model: always the same answer, the whole video, one frame, only the subtitles? Name its flaws.

    Flaws come first, in words; then the figures of all probes. What could not be looked at is told.
    """
    from whenabouts.files.outputs import check_outputs

    subject = None if command.subject is None else Path(command.subject)
    check_outputs([out, command.answers], [subject, command.data])
    if command.answers is None and out is not None:
        command = command.model_copy(update={"answers": out.with_suffix(".answers.jsonl")})
    with resumable() if command.answers else nullcontext(), progress() as bar:
        report = command.run(progress=bar)
    show(report, as_json=as_json, out=out)
    if fail_on_flaw and (report.flaws or report.failed):
        raise typer.Exit(1)
