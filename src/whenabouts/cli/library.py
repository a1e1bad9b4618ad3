"""`whenabouts index`, `search` and `library`: many videos at once."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.progress import progress

if TYPE_CHECKING:
    from whenabouts.library.run import Outcome, Settings
    from whenabouts.library.store import Library

library = typer.Typer(name="library", help="Look after a library.", no_args_is_help=True)
HOME = ".whenabouts"
PLACE = Annotated[
    Path | None,
    typer.Option("--library", metavar="PATH", help="Where the library is.", show_default="DIR/.whenabouts"),
]
HERE = Annotated[Path, typer.Option("--library", metavar="PATH", help="Where the library is.")]


def index(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of videos.", show_default=False)],
    place: PLACE = None,
    fps: Annotated[float, typer.Option(min=0.01, help="Frames looked at per second.")] = 1.0,
    written: Annotated[bool, typer.Option("--written", help="Read text on screen too; slow.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Try files again that failed before.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and index what comes and changes.")] = False,
    engine: Annotated[str, typer.Option(help="local, or ray for several processes or machines.")] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Of ray.")] = 2,
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.", show_default=False)] = None,
) -> None:
    """Index a folder of videos, once; the same command again looks at what is new, moved, changed or gone.

    Interrupted or killed, it goes on where it was. Files that cannot be read are told, and kept in a list.
    """
    from whenabouts.errors import InputError
    from whenabouts.library.ray_engine import RayEngine
    from whenabouts.library.run import Engine, Local, Settings, index_folder, open_library

    if engine not in {"local", "ray"}:
        raise InputError(f"there is no engine {engine!r}; choose local or ray")
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of films")
    settings = Settings(fps=fps, words=("said", "written") if written else ("said",))
    opened = open_library(place or folder / HOME, settings)
    with progress() as told:
        runs: Engine = RayEngine(workers, address=address) if engine == "ray" else Local(told)
        outcome = index_folder(opened, folder, settings, runs, again=again)
    _tell(outcome)
    if watch:
        _stay(opened, folder, settings)
    if outcome.failed:
        raise typer.Exit(1)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.", show_default=False)],
    place: HERE = Path(HOME),
    top: Annotated[int, typer.Option(min=1, help="At most this many moments.")] = 10,
    path: Annotated[str | None, typer.Option(help="Only files like this: '*/2024/*'.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option(help="Only files from this date on.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(help="Only files up to this date.", show_default=False)] = None,
    min_duration: Annotated[float | None, typer.Option(help="Seconds at least.", show_default=False)] = None,
    max_duration: Annotated[float | None, typer.Option(help="Seconds at most.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help="Of the sound, as the file says.", show_default=False)] = None,
    refine: Annotated[bool, typer.Option("--refine", help="Look at each moment again for its ends.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find a moment in all videos of a library."""
    from whenabouts.encoders import load_encoder
    from whenabouts.library.search import Filters
    from whenabouts.library.search import search as run

    filters = Filters(path, since, until, min_duration, max_duration, language)
    hits = run(_opened(place), load_encoder("builtin"), query, top=top, filters=filters, refine=refine)
    if as_json:
        print(json.dumps([dataclasses.asdict(hit) for hit in hits], ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.tables import clock, why

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("file", "start", "end", "score", "found because it is"):
        table.add_column(name, overflow="fold")
    for hit in hits:
        moment = hit.moment
        row = escape(hit.path), clock(moment.start), clock(moment.end), f"{moment.score:.2f}", escape(why(moment))
        table.add_row(*row)
    Console().print(table if hits else "nothing found")


@library.command()
def status(place: HERE = Path(HOME), as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Tell how much is in a library."""
    opened = _opened(place)
    films = opened.films().values()
    told = {
        "films": len(films),
        "files": len(opened.places()),
        "hours": round(sum(film["duration"] for film in films) / 3600, 2),
        "stretches": opened.table("shots").count_rows(),
        "lines": opened.table("lines").count_rows(),
        "failures": len(opened.problems()),
    }
    print(json.dumps(told) if as_json else "\n".join(f"{name}: {value}" for name, value in told.items()))


@library.command()
def failures(place: HERE = Path(HOME)) -> None:
    """List files that could not be read, and why."""
    for path, row in sorted(_opened(place).problems().items()):
        print(f"{path}: {row['reason']}")


@library.command()
def check(place: HERE = Path(HOME), queries: Annotated[int, typer.Option(min=1)] = 50) -> None:
    """Compare the index of vectors with exact search, and sweep what a killed process left."""
    from whenabouts.library.check import recall

    opened = _opened(place)
    print(f"swept: {opened.sweep()} unfinished films")
    print(f"recall@20: {recall(opened, queries):.3f} of exact search, {queries} queries")


@library.command()
def compact(place: HERE = Path(HOME)) -> None:
    """Join small files, drop old versions, bring the indices up to date."""
    opened = _opened(place)
    opened.compact()
    opened.index()


def _opened(place: Path) -> Library:
    from whenabouts.library.run import open_library
    from whenabouts.library.store import LibraryError

    if not (place / "encoder.txt").is_file():
        raise LibraryError(f"{place} is no library; make one with `whenabouts index DIR`")
    return open_library(place)


def _tell(outcome: Outcome) -> None:
    print(
        f"{len(outcome.indexed)} indexed, {len(outcome.known)} known already, {len(outcome.gone)} gone, "
        f"{len(outcome.failed)} failed"
    )
    if outcome.elsewhere:
        print(f"{len(outcome.elsewhere)} are being indexed by another process")
    for path, reason in outcome.failed.items():
        print(f"whenabouts: {path}: {reason}", file=sys.stderr)


def _stay(opened: Library, folder: Path, settings: Settings) -> None:
    from watchfiles import watch

    from whenabouts.library.run import index_folder

    print(f"watching {folder}; stop with Ctrl-C", flush=True)
    for _ in watch(folder, debounce=2000, step=500, recursive=True, ignore_permission_denied=True):
        outcome = index_folder(opened, folder, settings)
        if outcome.indexed or outcome.known or outcome.gone or outcome.failed:
            _tell(outcome)
            sys.stdout.flush()
