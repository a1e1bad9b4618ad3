"""`whenabouts diagnose`: which stage of a method causes its errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.commands import Evaluate
from whenabouts.language import translate

FIELDS = Evaluate.model_fields


def diagnose(
    predictions: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="A file of `predict`, or any file that `evaluate` reads.")
    ],
    benchmark: Annotated[str, typer.Option(help=FIELDS["benchmark"].description)],
    split: Annotated[str | None, typer.Option(help=FIELDS["split"].description)] = None,
    ground_truth: Annotated[
        Path, typer.Option(metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description)
    ] = FIELDS["truth"].default,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Minimum tIoU of a correct moment.")] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Attribute every miss to search, recognition, ranking, localisation or parsing.

    Search and recognition can be distinguished only if the file lists the regions that a search selected.
    """
    from whenabouts.benchmarks import dataset
    from whenabouts.evaluation.attribution import attribute_all, shares

    examples = dataset(benchmark).load(ground_truth, split).examples
    kinds, has_regions = attribute_all(predictions, examples, threshold=threshold)
    found = shares(kinds)
    if as_json:
        typer.echo(json.dumps({"queries": len(kinds), "threshold": threshold, **found}, indent=4))
        return
    from rich.console import Console
    from rich.table import Table

    title = translate(f"{benchmark}: {len(kinds)} queries, tIoU {threshold:g}")
    table = Table(title=title, box=None, title_justify="left")
    table.add_column(translate("outcome"))
    table.add_column(translate("queries"), justify="right")
    for kind, share in found.items():
        table.add_row(translate(kind), f"{share:.1%}")
    Console().print(table)
    if not has_regions:
        typer.echo(translate("the file lists no regions of a search, so recognition includes search"))
