"""`whenabouts predict BENCHMARK`: a model's answers on a whole split, ready to be evaluated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from whenabouts.cli.progress import progress


def predict(
    benchmark: Annotated[str, typer.Argument(help="Which annotations.", show_default=False)],
    data: Annotated[Path, typer.Option(metavar="PATH", help="Their file or folder.", show_default=False)],
    videos: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the videos.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE.jsonl", help="Where answers go.", show_default=False)],
    split: Annotated[str | None, typer.Option(help="Default: the one that is scored.", show_default=False)] = None,
    model: Annotated[str, typer.Option(help="As for `find`.")] = "similarity",
    system: Annotated[str | None, typer.Option(help="As for `find`.", show_default=False)] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="As for `find`.", show_default=False)] = None,
    search: Annotated[bool, typer.Option("--search", help="Shortlist regions first, as for `find`.")] = False,
    top: Annotated[int, typer.Option(min=1, help="At most this many moments per query.")] = 10,
    workers: Annotated[int, typer.Option(min=1, help="Videos answered at once, each in a process.")] = 1,
    engine: Annotated[str, typer.Option(help="local, or ray for several machines.")] = "local",
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.", show_default=False)] = None,
) -> None:
    """Answer every query of a split, video by video; interrupted, the same command goes on where it stopped.

    Videos are found by their name. Those that are missing or broken are told at the end, and the others are answered.
    """
    from whenabouts.benchmarks import dataset
    from whenabouts.errors import InputError
    from whenabouts.grounders.predict import predict as run

    if engine not in {"local", "ray"}:
        raise InputError(f"there is no engine {engine!r}; choose local or ray")
    if not videos.is_dir():
        raise InputError(f"{videos} is no folder of videos")
    asked: dict[str, object] = {"system": system, "samples": samples, "top": top}
    settings: dict[str, object] = {name: value for name, value in asked.items() if value is not None}
    if search:
        model, settings = "search", {"grounder": model, "settings": settings, "top": top}
    loaded = dataset(benchmark).load(data, split)
    with progress() as watch:
        many: dict[str, Any] = {"workers": workers, "ray": engine == "ray", "address": address}
        failed = run(loaded.examples, videos, model, out, settings=settings, watch=watch, **many)
    print(
        f"wrote {out}; now: whenabouts evaluate {out} --benchmark {benchmark} --ground-truth {loaded.path}",
        file=sys.stderr,
    )
    for name, problem in failed[:20]:
        print(f"whenabouts: {name}: {problem}", file=sys.stderr)
    if failed:
        print(f"whenabouts: {len(failed)} videos are not answered", file=sys.stderr)
        raise typer.Exit(1)
