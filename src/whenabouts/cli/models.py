"""`whenabouts models`: the models and methods, and what each of them needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

import typer

from whenabouts.errors import MissingExtra
from whenabouts.language import translate

COLUMNS = ("name", "kind", "status", "needs", "licence")


def models(as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False) -> None:
    """List the values of `find --model`: methods, heads that need a checkpoint, and video-language models."""
    rows = [*_methods(), *_heads(), *_papers()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in COLUMNS:
        table.add_column(translate(column), overflow="fold")
    for row in rows:
        table.add_row(*(translate(str(row[column])) for column in COLUMNS))
    Console().print(table)


def _row(name: str, kind: str, status: str, needs: str, licence: str = "Apache-2.0") -> dict[str, Any]:
    return dict(zip(COLUMNS, (name, kind, status, needs, licence), strict=True))


def _methods() -> Iterator[dict[str, Any]]:
    from whenabouts.grounders import GROUNDERS, NAMED_BY_MODEL, required_settings

    for name in GROUNDERS.usable():
        if name in NAMED_BY_MODEL:
            yield _row(f"{name}:{NAMED_BY_MODEL[name]}", "method", "needs model", "a model inside it")
            continue
        with suppress(MissingExtra):  # without torch: what lacks it needs a checkpoint too, and those rows are below
            if not required_settings(name):
                yield _row(name, "method", "runs offline", "nothing")


def _heads() -> Iterator[dict[str, Any]]:
    from whenabouts.grounders.learned import HEADS

    needs = "extra train; a checkpoint of `whenabouts train`, or an official one"
    for name in HEADS:
        yield _row(name, "trained head", "needs checkpoint", needs, "Apache-2.0; official checkpoints have their own")


def _papers() -> Iterator[dict[str, Any]]:
    from whenabouts.grounders.llm.papers import PAPERS

    for paper in PAPERS.values():
        yield paper.facts() | {"kind": "video-language model"}
