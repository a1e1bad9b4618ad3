"""`whenabouts diagnose`: why predictions miss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def diagnose(
    predictions: Annotated[
        Path, typer.Argument(metavar="PRED", help="What `predict` wrote, or what `evaluate` reads.")
    ],
    benchmark: Annotated[str, typer.Option(help="A benchmark; a wrong name lists them.")],
    split: Annotated[str | None, typer.Option(help="Which split; the usual test split if not given.")] = None,
    ground_truth: Annotated[
        Path, typer.Option(envvar="WHENABOUTS_DATA", help="The annotation file, or a folder that has it.")
    ] = Path(),
    threshold: Annotated[float, typer.Option(min=0, max=1, help="tIoU from which a moment is right.")] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell misses of search, recognition, ranking, localisation and parsing apart.

    Search is told from recognition where the file names the regions that were looked at, as that of a search does.
    """
    from whenabouts.benchmarks import dataset
    from whenabouts.evaluation.attribution import attribute, shares
    from whenabouts.evaluation.predictions import read_answers

    examples = dataset(benchmark).load(ground_truth, split).examples
    told = read_answers(predictions, examples)
    more = _rows(predictions)
    kinds = []
    for example in examples:
        row = more.get(str(example.qid), {})
        failed = bool(row.get("failure")) or example.qid not in told
        windows = told.get(example.qid, [])
        kinds.append(
            attribute(windows, example.windows, shortlist=row.get("shortlist"), failed=failed, threshold=threshold)
        )
    found = shares(kinds)
    if as_json:
        typer.echo(json.dumps({"queries": len(kinds), "threshold": threshold, **found}, indent=4))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{benchmark}: {len(kinds)} queries, tIoU {threshold:g}", box=None, title_justify="left")
    table.add_column("outcome")
    table.add_column("queries", justify="right")
    for kind, share in found.items():
        table.add_row(kind, f"{share:.1%}")
    Console().print(table)
    if not any("shortlist" in row for row in more.values()):
        typer.echo("the file names no regions, so recognition holds search too")


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    """Rows of a JSON Lines file by qid; of other files nothing more than windows is known."""
    if path.suffix != ".jsonl":
        return {}
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return {str(row["qid"]): row for row in rows if isinstance(row, dict) and "qid" in row}
