"""`whenabouts dataset`: statistics, defects and sources of benchmarks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.terminal import json_text
from whenabouts.cli.usage import PlainUsage
from whenabouts.commands import Evaluate
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.benchmarks import Benchmark, Dataset
    from whenabouts.evaluation.defects import Defect, Leak

dataset = typer.Typer(no_args_is_help=True, help="List, describe, measure and check benchmarks.")

FIELDS = Evaluate.model_fields
Name = Annotated[str, typer.Argument(metavar="BENCHMARK", help=FIELDS["benchmark"].description)]
Data = Annotated[
    Path,
    typer.Option(
        metavar="PATH",
        envvar="WHENABOUTS_DATA",
        help=FIELDS["truth"].description,
        show_default="the current directory",
    ),
]
Split = Annotated[str | None, typer.Option(help=FIELDS["split"].description)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataset.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the benchmarks, including those of installed plugins."""
    from whenabouts.benchmarks import BENCHMARKS

    if as_json:
        typer.echo(json.dumps([_facts(each) for each in BENCHMARKS.values()], indent=2))
        return
    _print_table({name: f"{each.task}  {', '.join(each.files)}" for name, each in BENCHMARKS.items()})


@dataset.command(cls=PlainUsage)
def stats(name: Name, data: Data = Path(), split: Split = None, as_json: AsJson = False) -> None:
    """Print statistics of a split: queries, words, lengths, time grids, anomalies. Times are in seconds."""
    from whenabouts.evaluation.statistics import stats as measure

    benchmark = _load(name, data, split)
    numbers = {
        "name": f"{benchmark.name}/{benchmark.split}",
        "file": str(benchmark.path),
        **measure(benchmark.examples),
    }
    if as_json:
        typer.echo(json.dumps(numbers, indent=2))
        return
    rows = {k: v for k, v in numbers.items() if k != "grid"}
    rows |= {f"on a grid of {step} s": share for step, share in numbers.get("grid", {}).items()}
    _print_table({k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in rows.items()})


@dataset.command(cls=PlainUsage)
def check(
    name: Name,
    data: Data = Path(),
    split: Split = None,
    train: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Training annotations that must not overlap with the split. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report the known kinds of defects in a split, and its overlap with the other splits or with --train."""
    from whenabouts.evaluation import defects

    benchmark = _load(name, data, split)
    found = defects.check(benchmark.examples)
    shared = {
        place: defects.leaks(other.examples, benchmark.examples)
        for place, other in _others(benchmark, data, train or []).items()
    }
    if as_json:
        report = {
            "name": f"{benchmark.name}/{benchmark.split}",
            "file": str(benchmark.path),
            "defects": [dataclasses.asdict(d) for d in found],
            "leaks": {place: dataclasses.asdict(leak) for place, leak in shared.items()},
        }
        typer.echo(json.dumps(report, indent=2))
    else:
        _print_findings(benchmark, found, shared)


@dataset.command(cls=PlainUsage)
def show(
    name: Name,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Also show examples of this file or directory.")
    ] = None,
    split: Split = None,
    limit: Annotated[int, typer.Option(min=0, help="Number of examples.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Describe a benchmark: task, official protocol, licence and source; with --data also its first examples."""
    from whenabouts.benchmarks import dataset as find_dataset

    described = find_dataset(name)
    examples = [_example(e) for e in described.load(data, split).examples[:limit]] if data else []
    facts = _facts(described)
    if as_json:
        typer.echo(json.dumps(facts | ({"examples": examples} if data else {}), indent=2))
        return
    _print_table({k: _flat(v) for k, v in facts.items() if v})
    for example in examples:
        typer.echo(json_text(example))


@dataset.command(cls=PlainUsage)
def negatives(
    name: Name,
    out: Annotated[
        Path, typer.Option(metavar="FILE.jsonl", help="Where to write the queries, those that happen first.")
    ],
    data: Data = Path(),
    split: Split = None,
    kinds: Annotated[
        str,
        typer.Option(help="Kinds of negatives, with commas: other-video, weak, moderate, strong, attribute, order."),
    ] = "other-video,weak,moderate,strong,attribute,order",
    per_query: Annotated[int, typer.Option(min=1, help="Negatives of each kind per query.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed makes the same negatives.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Make queries that do not happen in their video, beside those that do, in a file that every command reads."""
    from whenabouts.encoders.minilm import SentenceEncoder
    from whenabouts.files.outputs import check_outputs
    from whenabouts.trust.negatives.write import write_negatives

    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    benchmark = _load(name, data, split)
    check_outputs([out], [benchmark.path])
    counts = write_negatives(benchmark, out, wanted, per_query=per_query, seed=seed, encode=SentenceEncoder().encode)
    if as_json:
        typer.echo(json.dumps(counts, indent=2))
        return
    happen = counts["happen"]
    typer.echo(translate(f"{happen} queries that happen are in {out}"))
    for kind, of in counts["negatives"].items():
        told = (
            f"{of['made']} negatives of the kind {kind}; {of['doubted']} dropped, {of['unfit']} have nothing to change"
        )
        typer.echo(f"  {translate(told)}")
    if broken := counts["broken"]:
        told = f"{broken} queries have a broken window and are left out"
        typer.echo(f"  {translate(told)}")


def _load(name: str, data: Path, split: str | None) -> Benchmark:
    from whenabouts.benchmarks import dataset as find_dataset

    return find_dataset(name).load(data, split)


def _others(benchmark: Benchmark, data: Path, train: list[Path]) -> dict[str, Benchmark]:
    """The training files, if given; else the other splits in the same directory or file."""
    from whenabouts.errors import InputError

    described = benchmark.dataset
    if train:
        return {str(path): described.load(path, "train") for path in train}
    others = {}
    for split in described.files if data.is_dir() else ():
        try:
            path = described.find(data, split)
        except InputError:
            continue
        if path != benchmark.path or (described.path and split != benchmark.split):
            others[split] = described.load(path, split)
    return others


def _facts(d: Dataset) -> dict[str, Any]:
    tasks = {
        "TSG": "temporal sentence grounding",
        "MR": "moment retrieval",
        "HL": "highlight detection",
        "TAL": "temporal action localisation",
    }
    return {
        "name": d.name,
        "title": d.title,
        "task": f"{d.task}, {tasks[d.task]}",
        "protocol": d.protocol,
        "paper": d.paper,
        "licence": d.licence,
        "source": d.source,
        "splits": {split: list(names) for split, names in d.files.items()},
        "default_split": d.default_split,
        "format confirmed": d.confirmed,
        "notes": d.notes,
    }


def _example(e: Any) -> dict[str, Any]:
    return {"qid": e.qid, "video": e.video, "query": e.query, "windows": e.windows.tolist(), "duration": e.duration}


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{split}: {' or '.join(names)}" for split, names in value.items())
    return str(value)


def _print_table(rows: dict[str, str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.console import Console

    table = Table(box=SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in rows.items():
        table.add_row(translate(key.replace("_", " ")), escape(translate(value)))
    Console().print(table)


def _print_findings(benchmark: Benchmark, found: list[Defect], shared: dict[str, Leak]) -> None:
    from whenabouts.evaluation.defects import DEFECTS

    typer.echo(translate(f"{benchmark.name}, {benchmark.split}: {len(benchmark.examples)} queries in {benchmark.path}"))
    for kind, meaning in DEFECTS.items():
        cases = [d for d in found if d.kind == kind]
        if cases:
            typer.echo(f"  {len(cases):6d}  {translate(kind)}: {translate(meaning)}")
            for d in cases[:3]:
                typer.echo(f"          qid {d.qid}, {d.where}: {d.detail}")
    if not found:
        typer.echo(f"  {translate('no defect found')}")
    for place, leak in shared.items():
        shared_with = translate(f"shared with {place}: {leak.queries} of {leak.rows} queries, {leak.videos} videos")
        typer.echo(f"  {shared_with}")
        if leak.renamed:
            renamed = f"{leak.renamed} more have sentence, windows and length of video of a row there of another name"
            typer.echo(f"  {translate(renamed)}")
