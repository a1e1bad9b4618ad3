"""`whenabouts index`, `search` and `library`: many videos at once."""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.commands import Index, Search
from whenabouts.commands.index import LIBRARY

if TYPE_CHECKING:
    from whenabouts.library.run import Outcome
    from whenabouts.library.store import Library

library = typer.Typer(name="library", help="Look after a library.", no_args_is_help=True)
Place = Annotated[Path, typer.Option("--library", metavar="PATH", help="Directory of the library.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class EngineName(StrEnum):
    """Where videos are indexed."""

    local = "local"
    ray = "ray"


@takes(Index)
def index(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A directory of videos.", show_default=False)],
    command: Index,
    place: Annotated[
        Path | None,
        typer.Option("--library", metavar="PATH", help="Directory of the library.", show_default=f"DIR/{LIBRARY}"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and index what comes and changes.")] = False,
    engine: Annotated[EngineName, typer.Option(help="Here, or in several processes or machines.")] = EngineName.local,
    workers: Annotated[int, typer.Option(min=1, help="Processes of Ray.")] = 2,
    address: Annotated[str | None, typer.Option(help="Address of a running Ray cluster.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Index a directory of videos, once; the same command again looks at what is new, moved, changed or gone.

    Interrupted or killed, it goes on where it was. Files that cannot be read are listed.
    """
    from whenabouts.library.ray_engine import RayEngine

    on_ray = RayEngine(workers, address=address) if engine is EngineName.ray else None
    with progress() as bar:
        outcomes = command.watch(folder, place, engine=on_ray, progress=bar, on_file=_print_file)
        outcome = next(outcomes)
        _print_outcome(outcome, as_json)
        if watch:
            print(f"watching {folder}; stop with Ctrl-C", file=sys.stderr, flush=True)
            for later in outcomes:
                if later.indexed or later.known or later.gone or later.failed:
                    _print_outcome(later, as_json)
    if outcome.failed:
        raise typer.Exit(1)


@takes(Search, arguments=["query"])
def search(command: Search, place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """Find a moment in all videos of a library."""
    hits = command.run(place)
    if as_json:
        _print_json([dataclasses.asdict(hit) for hit in hits])
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.tables import clock, why
    from whenabouts.video.source import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("file", "start", "end", "score", "evidence"):
        table.add_column(name, overflow="fold")
    for hit in hits:
        moment, file = hit.moment, escape(shown(Path(hit.path)))
        table.add_row(file, clock(moment.start), clock(moment.end), f"{moment.score:.2f}", escape(why(moment)))
    Console().print(table if hits else "nothing found")


def _opened(place: Path) -> Library:
    from whenabouts.library.run import existing_library

    return existing_library(place)


@library.command()
def status(place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """Count what is in a library."""
    opened = _opened(place)
    videos, places = opened.videos(), opened.places()
    present = {row["sha256"] for row in places.values()} & videos.keys()
    with opened.reading() as table:
        rows = {"stretches": table("shots").count_rows(), "lines": table("lines").count_rows()}
    hours = sum(videos[sha256]["duration"] for sha256 in present) / 3600
    counts = {"videos": len(present), "files": len(places), "hours": round(hours, 2), **rows}
    _print(counts | {"failures": len(opened.problems()), "missing": len(videos) - len(present)}, as_json)


@library.command()
def failures(place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """List files that could not be read, and why."""
    reasons = {path: row["reason"] for path, row in sorted(_opened(place).problems().items())}
    if as_json:
        _print_json(reasons)
    else:
        print("\n".join(reasons.values()))


@library.command()
def check(
    place: Place = Path(LIBRARY), queries: Annotated[int, typer.Option(min=1)] = 50, as_json: AsJson = False
) -> None:
    """Compare the index of vectors with exact search, and sweep what a killed process left."""
    from whenabouts.library.check import neighbours, recall

    opened = _opened(place)
    swept = opened.sweep()
    with opened.reading() as table:
        shots = table("shots")
        found = recall(shots, neighbours(shots, queries))
    _print({"unfinished videos swept": swept, "recall@20 of exact search": round(found, 3)}, as_json)


@library.command()
def compact(place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """Drop videos whose files are missing, join small files, bring the indices up to date."""
    _print({"videos dropped": _opened(place).compact()}, as_json)


def _print_file(path: str, what: str) -> None:
    from whenabouts.video.source import shown

    if not what.startswith("failed"):  # those come together, at the end
        print(f"{shown(Path(path))}: {what}", file=sys.stderr, flush=True)


def _print_outcome(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        _print_json(dataclasses.asdict(outcome))
    else:
        print(
            f"{len(outcome.indexed)} indexed, {len(outcome.known)} known by their content, {len(outcome.gone)} gone, "
            f"{len(outcome.failed)} failed",
            flush=True,
        )
    if outcome.elsewhere:
        print(f"whenabouts: {len(outcome.elsewhere)} are being indexed by another process", file=sys.stderr)
    for reason in outcome.failed.values():
        print(f"whenabouts: {reason}", file=sys.stderr, flush=True)


def _print(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json({name.replace(" ", "_"): value for name, value in values.items()})
    else:
        print("\n".join(f"{name}: {value}" for name, value in values.items()))


def _print_json(value: Any) -> None:
    """JSON on stdout; bytes of a file name that are not UTF-8 come as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)
