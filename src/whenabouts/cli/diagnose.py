"""`whenabouts diagnose`: what became of every query, and what a system has learned wrongly, in words and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.evaluate import warnings_on_stderr
from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text, visible
from whenabouts.commands import Diagnose
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.audit.diagnosis.beside import TwoDiagnoses
    from whenabouts.audit.diagnosis.diagnosis import Diagnosis

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
        typer.Option(metavar="NAME", help="List the queries of this outcome, the worst first.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what a system gets wrong: every query has one outcome, and what follows is said in words.

    With --against, two systems are told apart by what each has learned wrongly.
    """
    with warnings_on_stderr() as shown:
        found = command.run()
        if outcome is not None:
            _list(found, outcome, as_json)
            return
        document = found.document()
        shown.extend(document.notes)
        if as_json:
            print(json_text(found.to_dict(), indent=2))
            return
        notes = [f"{translate('note')}: {translate(note)}" for note in document.notes]
        told = [translate(sentence) for sentence in document.verdicts]
        print(visible("\n".join([translate(document.facts), "", *told, *notes])))


def _list(found: Diagnosis | TwoDiagnoses, outcome: str, as_json: bool) -> None:
    from whenabouts.audit.diagnosis.beside import TwoDiagnoses

    for one in (found.first, found.second) if isinstance(found, TwoDiagnoses) else (found,):
        for row in one.rows(outcome):
            print(json_text(row if not isinstance(found, TwoDiagnoses) else {"name": one.name} | row))
