"""`whenabouts index`, `search` and `library`: many videos at once."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def index(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of videos.", show_default=False)],
    place: PLACE = None,
    encoder: Annotated[
        str | None, typer.Option(help="Of a new library: builtin (default), or hub:NAME_OR_FOLDER.", show_default=False)
    ] = None,
    fps: Annotated[float, typer.Option(min=0.01, help="Frames looked at per second.")] = 1.0,
    written: Annotated[bool, typer.Option("--written", help="Read text on screen too; slow.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Try files again that failed before.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and index what comes and changes.")] = False,
    engine: Annotated[str, typer.Option(help="local, or ray for several processes or machines.")] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Of ray.")] = 2,
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.", show_default=False)] = None,
    as_json: JSON = False,
) -> None:
    """Index a folder of videos, once; the same command again looks at what is new, moved, changed or gone.

    Interrupted or killed, it goes on where it was. Files that cannot be read are told, and kept in a list.
    """
    from whenabouts.commands import Index
    from whenabouts.errors import InputError
    from whenabouts.library.ray_engine import RayEngine
    from whenabouts.library.run import Engine, Local, index_folder, made_with, open_library
    from whenabouts.video.source import shown

    if engine not in {"local", "ray"}:
        raise InputError(f"there is no engine {engine!r}; choose local or ray")
    if not folder.is_dir():
        raise InputError(f"{shown(folder)} is no folder of videos")
    place = place or folder / HOME
    asked = Index.of(fps=fps, written=written, again=again)
    settings = asked.settings(encoder or made_with(place))
    opened = open_library(place, settings)
    with progress() as bar:
        runs: Engine = RayEngine(workers, address=address) if engine == "ray" else Local(bar)
        outcome = index_folder(opened, folder, settings, runs, again=asked.again, told=_told)
        _tell(outcome, as_json)
        if watch:
            _stay(opened, folder, settings, runs, as_json)
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
    as_json: JSON = False,
) -> None:
    """Find a moment in all videos of a library."""
    from whenabouts.commands import Search
    from whenabouts.encoders import load_encoder
    from whenabouts.library.run import made_with
    from whenabouts.library.search import search as run

    asked = Search.of(
        query=query,
        top=top,
        path=path,
        since=since,
        until=until,
        min_duration=min_duration,
        max_duration=max_duration,
        language=language,
        refine=refine,
    )
    opened, encoder = _opened(place), load_encoder(made_with(place))
    hits = run(opened, encoder, asked.query, top=asked.top, filters=asked.filters, refine=asked.refine)
    if as_json:
        _print_json([dataclasses.asdict(hit) for hit in hits])
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.tables import clock, why
    from whenabouts.video.source import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("file", "start", "end", "score", "found because it is"):
        table.add_column(name, overflow="fold")
    for hit in hits:
        moment, file = hit.moment, escape(shown(Path(hit.path)))
        table.add_row(file, clock(moment.start), clock(moment.end), f"{moment.score:.2f}", escape(why(moment)))
    Console().print(table if hits else "nothing found")


@library.command()
def status(place: HERE = Path(HOME), as_json: JSON = False) -> None:
    """Tell how much is in a library."""
    opened = _opened(place)
    videos, places = opened.videos(), opened.places()
    lying = {row["sha256"] for row in places.values()} & videos.keys()
    with opened.reading() as table:
        rows = {"stretches": table("shots").count_rows(), "lines": table("lines").count_rows()}
    hours = sum(videos[sha256]["duration"] for sha256 in lying) / 3600
    told = {"videos": len(lying), "files": len(places), "hours": round(hours, 2), **rows}
    _print(told | {"failures": len(opened.problems()), "nowhere": len(videos) - len(lying)}, as_json)


@library.command()
def failures(place: HERE = Path(HOME), as_json: JSON = False) -> None:
    """List files that could not be read, and why."""
    reasons = {path: row["reason"] for path, row in sorted(_opened(place).problems().items())}
    if as_json:
        _print_json(reasons)
    else:
        print("\n".join(reasons.values()))


@library.command()
def check(place: HERE = Path(HOME), queries: Annotated[int, typer.Option(min=1)] = 50, as_json: JSON = False) -> None:
    """Compare the index of vectors with exact search, and sweep what a killed process left."""
    from whenabouts.library.check import neighbours, recall

    opened = _opened(place)
    swept = opened.sweep()
    with opened.reading() as table:
        shots = table("shots")
        found = recall(shots, neighbours(shots, queries))
    _print({"unfinished videos swept": swept, "recall@20 of exact search": round(found, 3)}, as_json)


@library.command()
def compact(place: HERE = Path(HOME), as_json: JSON = False) -> None:
    """Drop videos that lie nowhere any more, join small files, bring the indices up to date."""
    _print({"videos dropped": _opened(place).compact()}, as_json)


def _opened(place: Path) -> Library:
    from whenabouts.library.run import open_library
    from whenabouts.library.store import ENCODER, LibraryError
    from whenabouts.video.source import shown

    if not (place / ENCODER).is_file():
        raise LibraryError(f"{shown(place)} is no library; make one with `whenabouts index DIR`")
    return open_library(place)


def _told(path: str, what: str) -> None:
    from whenabouts.video.source import shown

    if not what.startswith("failed"):  # those come together, at the end
        print(f"{shown(Path(path))}: {what}", file=sys.stderr, flush=True)


def _tell(outcome: Outcome, as_json: bool) -> None:
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


def _stay(opened: Library, folder: Path, settings: Settings, engine: Any, as_json: bool) -> None:
    from watchfiles import watch

    from whenabouts.library.run import index_folder

    root = folder.resolve()

    def ours(_: object, path: str) -> bool:
        return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

    print(f"watching {folder}; stop with Ctrl-C", file=sys.stderr, flush=True)
    # Every minute without news is a look too: network drives send none, and some may come before we listen.
    looks = watch(root, watch_filter=ours, debounce=2000, step=500, rust_timeout=60_000, yield_on_timeout=True)
    for _ in looks:
        outcome = index_folder(opened, folder, settings, engine, told=_told)
        if outcome.indexed or outcome.known or outcome.gone or outcome.failed:
            _tell(outcome, as_json)


def _print(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json({name.replace(" ", "_"): value for name, value in told.items()})
    else:
        print("\n".join(f"{name}: {value}" for name, value in told.items()))


def _print_json(value: Any) -> None:
    """JSON on stdout; bytes of a file name that are not UTF-8 come as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)
