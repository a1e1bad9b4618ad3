"""`whenabouts models`: what can answer, and what each needs."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer


def models(as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False) -> None:
    """List what `find --model` takes: what runs here, what is trained, and how models on a server are asked."""
    rows = _rows()
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "kind", "status", "needs", "licence"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in ("name", "kind", "status", "needs", "licence")))
    Console().print(table)


def _rows() -> list[dict[str, Any]]:
    from whenabouts.grounders.llm.papers import PAPERS

    heads = ("moment-detr", "qd-detr", "cg-detr", "univtg", "2d-tan", "ms-2d-tan")
    rows: list[dict[str, Any]] = [
        {
            "name": "similarity",
            "kind": "embedded",
            "status": "runs offline",
            "needs": "nothing",
            "licence": "Apache-2.0",
        }
    ]
    rows += [
        {
            "name": head,
            "kind": "trained head",
            "status": "needs checkpoint",
            "needs": "extra train; a file of `whenabouts train`, or an official one",
            "licence": "Apache-2.0; official checkpoints have their own",
        }
        for head in heads
    ]
    rows += [paper.facts() | {"kind": "video-language model"} for paper in PAPERS.values()]
    return rows
