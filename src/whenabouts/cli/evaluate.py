"""`whenabouts evaluate`: predictions against a benchmark, under a protocol that is always named."""

from __future__ import annotations

import dataclasses
import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from whenabouts.evaluation.evaluate import Evaluation

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
    from whenabouts.benchmarks import dataset
    from whenabouts.evaluation.evaluate import Evaluation
    from whenabouts.grounders.llm.papers import PARSERS

    chosen = dataset(benchmark)
    split, truth = split or chosen.default_split, ground_truth or Path()
    reader = PARSERS.named(parser) if parser else None
    asked = Evaluation(predictions, chosen, split, truth, protocol, official, strict_official, reader, train)
    with _warnings_on_stderr():
        _print_json(asked) if as_json else _print_tables(asked)


def _print_json(asked: Evaluation) -> None:
    if asked.is_ranked:
        about = {"benchmark": asked.dataset.name, "split": asked.split}
        typer.echo(json.dumps(about | dataclasses.asdict(asked.report()), indent=4))
    else:
        typer.echo(json.dumps(asked.figures(), indent=4))


def _print_tables(asked: Evaluation) -> None:
    from whenabouts.cli.scores import print_figures, print_report

    heading = f"{asked.dataset.title}, {asked.split}"
    if asked.is_ranked:
        print_report(asked.report(), heading)
        return
    figures = asked.figures()
    named = f"{asked.protocol}, evaluator {asked.official}" if asked.official else asked.protocol
    print_figures(figures, f"{heading} · protocol {named}", fractions=asked.dataset.task == "TAL")
    if any(name.startswith("MR-") for name in figures.get("brief", ())) and not asked.strict:
        print_report(asked.report(), heading)


@contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # of 0/0, which --strict-official is about
        yield
    for text in dict.fromkeys(str(w.message) for w in caught):
        print(f"whenabouts: note: {text}", file=sys.stderr)
