"""`whenabouts index`, `search` and `library`: many videos at once."""

from __future__ import annotations

import dataclasses
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.isolation import Limits, reading
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import json_text, visible
from whenabouts.commands import Index, Search
from whenabouts.language import translate
from whenabouts.library import LIBRARY

if TYPE_CHECKING:
    from whenabouts.library.run import IndexReport
    from whenabouts.library.store import Library

library = typer.Typer(name="library", help="Inspect and maintain a library.", no_args_is_help=True)
Place = Annotated[Path, typer.Option("--library", metavar="PATH", help="Directory of the library.")]
Places = Annotated[
    list[Path] | None,
    typer.Option(
        "--library", metavar="PATH", help="Directory of a library; may be repeated.", show_default=str(LIBRARY)
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class EngineName(StrEnum):
    """Where videos are indexed."""

    local = "local"
    ray = "ray"


@takes(Index)
def index(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the videos.", show_default=False)],
    command: Index,
    place: Annotated[
        Path | None,
        typer.Option("--library", metavar="PATH", help="Directory of the library.", show_default=f"DIR/{LIBRARY}"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep running, and index new and changed files.")] = False,
    engine: Annotated[
        EngineName, typer.Option(help="Index in this process, or in Ray processes on one or more machines.")
    ] = EngineName.local,
    workers: Annotated[int, typer.Option(min=1, help="Number of Ray processes.")] = 2,
    address: Annotated[str | None, typer.Option(help="Address of a running Ray cluster.", show_default=False)] = None,
    limits: Limits = None,
    as_json: AsJson = False,
) -> None:
    """Index a directory of videos; run again, it updates the library with new, moved, changed and missing files.

    An interrupted or killed run can be resumed by running it again. Files that cannot be read are listed at the end.
    """
    from whenabouts.library.ray_engine import RayEngine

    on_ray = RayEngine(workers, address=address) if engine is EngineName.ray else None
    with reading(limits), progress() as bar:
        reports = command.watch(folder, place, engine=on_ray, progress=bar, on_file=_print_file)
        first = next(reports)
        _print_report(first, as_json)
        if watch:
            print(translate(f"watching {folder}; stop with Ctrl-C"), file=sys.stderr, flush=True)
            for later in reports:
                if later.indexed or later.known or later.gone or later.failed:
                    _print_report(later, as_json)
    if first.failed:
        raise typer.Exit(1)


@takes(Search, arguments=["query"])
def search(command: Search, places: Places = None, as_json: AsJson = False) -> None:
    """Find the moments that match QUERY in all videos of a library, or of several.

    Where it is probably in none of them, that is said first, and the nearest moments follow.
    """
    with reading(None):
        hits = command.run(*(places or [Path(LIBRARY)]))
    if as_json:
        _print_json(hits.to_dict())
        return
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.console import Console
    from whenabouts.cli.tables import clock, why
    from whenabouts.video.source import shown

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("file", "start", "end", "score", "evidence"):
        table.add_column(translate(name), overflow="fold")
    for hit in hits:
        moment, file = hit.moment, escape(shown(Path(hit.path)))
        table.add_row(file, clock(moment.start), clock(moment.end), f"{moment.score:.2f}", escape(why(moment)))
    if hits.absent and hits:
        chance = f"{hits.presence:.2f}"
        told = f"it is probably in none of the {hits.videos} videos (probability {chance}); the nearest moments:"
        Console().print(f"[bold]{translate(told)}[/bold]\n")
    Console().print(table if hits else translate("no moment found"))
    for note in hits.notes:
        Console().print(f"{translate('note')}: {escape(visible(translate(note)))}")
    for path, note in dict.fromkeys((hit.path, note) for hit in hits for note in hit.notes):
        Console().print(f"{translate('note')}: {escape(shown(Path(path)))}: {escape(visible(translate(note)))}")


def _opened(place: Path) -> Library:
    from whenabouts.library.run import existing_library

    return existing_library(place)


@library.command()
def status(place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """Count the videos, files, hours and rows of a library."""
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
    """List the files that could not be read, with the reasons."""
    reasons = {path: row["reason"] for path, row in sorted(_opened(place).problems().items())}
    if as_json:
        _print_json(reasons)
    else:
        print("\n".join(translate(reason) for reason in reasons.values()))


@library.command()
def check(
    place: Place = Path(LIBRARY),
    queries: Annotated[int, typer.Option(min=1, help="Number of test queries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Compare the vector index with exact search, and delete incomplete videos that a killed process left."""
    from whenabouts.library.check import neighbours, recall

    opened = _opened(place)
    swept = opened.sweep()
    with opened.reading() as table:
        shots = table("shots")
        found = recall(shots, neighbours(shots, queries))
    _print({"unfinished videos swept": swept, "recall@20 of exact search": round(found, 3)}, as_json)


@library.command()
def compact(place: Place = Path(LIBRARY), as_json: AsJson = False) -> None:
    """Delete videos whose files are missing, merge small files and update the indices."""
    _print({"videos dropped": _opened(place).compact()}, as_json)


def _print_file(path: str, what: str) -> None:
    from whenabouts.video.source import shown

    if not what.startswith("failed"):  # failures are printed together at the end
        print(f"{shown(Path(path))}: {translate(what)}", file=sys.stderr, flush=True)


def _print_report(report: IndexReport, as_json: bool) -> None:
    from whenabouts.video.source import shown

    if as_json:
        _print_json(dataclasses.asdict(report))
    else:
        print(
            translate(
                f"{len(report.indexed)} indexed, {len(report.known)} known by their content, {len(report.gone)} gone, "
                f"{len(report.failed)} failed"
            ),
            flush=True,
        )
    if report.elsewhere:
        more = translate(f"another process is indexing {len(report.elsewhere)} more files")
        print(f"whenabouts: {more}", file=sys.stderr)
    for path, notes in report.damaged.items():
        for note in notes:
            print(f"whenabouts: {shown(Path(path))}: {translate(note)}", file=sys.stderr, flush=True)
    for reason in report.failed.values():
        print(f"whenabouts: {translate(reason)}", file=sys.stderr, flush=True)


def _print(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json({name.replace(" ", "_"): value for name, value in values.items()})
    else:
        print("\n".join(f"{translate(name)}: {value}" for name, value in values.items()))


def _print_json(value: Any) -> None:
    r"""Print JSON; bytes of a file name that are not UTF-8 are escaped as in `\udce9`."""
    print(json_text(value, indent=2).encode("utf-8", "backslashreplace").decode(), flush=True)
