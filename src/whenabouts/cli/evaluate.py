"""`whenabouts evaluate`: predictions against a benchmark, under a protocol that is always named."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from whenabouts.evaluation.report import Report

OFFICIAL = "moment_detr, cg_detr, univtg or lighthouse; for TAL anet, opentad or actionformer."


def evaluate(
    predictions: Annotated[
        Path, typer.Argument(metavar="PRED", help="QVHighlights JSONL, TAL, NLQ or 2D-TAN JSON, CSV, text.")
    ],
    benchmark: Annotated[str, typer.Option(help="A benchmark; a wrong name lists them.")],
    split: Annotated[str | None, typer.Option(help="Which split; the usual test split if not given.")] = None,
    ground_truth: Annotated[
        Path | None, typer.Option(envvar="WHENABOUTS_DATA", help="The annotation file, or a folder that has it.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="Another protocol than the benchmark's own.", show_default=False)] = "",
    official: Annotated[str | None, typer.Option(help=OFFICIAL)] = None,
    strict_official: Annotated[
        bool, typer.Option("--strict-official", help="Reproduce the official code's quirks, and its exceptions.")
    ] = False,
    parser: Annotated[str | None, typer.Option(help="Read the text of a video-LLM with this parser.")] = None,
    train: Annotated[Path | None, typer.Option(help="Annotations from which to choose the blind baseline.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; with --official its own dictionary.")] = False,
) -> None:
    """Score predictions as the benchmark's official evaluator does, and say what the score is worth."""
    from whenabouts.evaluation.evaluate import evaluate as score
    from whenabouts.grounders.llm.papers import PARSERS

    with _warnings_on_stderr():
        report = score(
            predictions,
            benchmark,
            ground_truth,
            split=split,
            protocol=protocol or None,
            official=official,
            strict_official=strict_official,
            parser=PARSERS.named(parser) if parser else None,
            train=train,
        )
        typer.echo(_json(report) if as_json else report.table())


def _json(report: Report) -> str:
    """The official dictionary where there is one, to the digit; else the report."""
    return json.dumps(report.to_dict() if report.figures is None else report.figures, indent=4)


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # of 0/0, which --strict-official is about
        yield
    for text in dict.fromkeys(str(w.message) for w in caught):
        print(f"whenabouts: note: {text}", file=sys.stderr)
