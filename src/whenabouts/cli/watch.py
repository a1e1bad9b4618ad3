"""`whenabouts watch SOURCE -q QUERY…`: standing queries on a stream."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text
from whenabouts.commands import Watch
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.commands.watching import Told, Watching


@takes(Watch)
def watch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A video file, - for stdin, or an address: rtsp://, http://, udp:// …",
            show_default=False,
        ),
    ],
    queries: Annotated[
        list[str] | None,
        typer.Option("--query", "-q", metavar="QUERY", help="What to look for. Repeatable.", show_default=False),
    ] = None,
    queries_file: Annotated[
        Path | None,
        typer.Option(
            "--queries",
            metavar="FILE",
            help="More queries, one a line; the file is read again whenever it changes.",
            show_default=False,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another setting of the model, such as hop=2 or policy=livevlm. Repeatable.",
            show_default=False,
        ),
    ] = None,
    command: Watch = None,  # type: ignore[assignment]  # made from the options
    seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", help="Stop after so many seconds of the stream.", show_default=False),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="PROGRAM",
            help="Start this program for each event: JSON on its stdin, WHENABOUTS_QUERY … in its environment.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything that is told as JSON Lines.")] = False,
) -> None:
    """Say when each QUERY happens in a stream, while it happens.

    SOURCE may have no end: a camera, a broadcast, a file that is still being written. Ctrl-C ends the watch.
    """
    from whenabouts.cli.live import showing

    show = _print_row if as_json else None
    watching = command.run(source, told=show)
    if hasattr(signal, "SIGTERM"):
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, lambda *_: watching.close())
    try:
        with watching, showing(watching, lines=not as_json):
            for _ in watching:
                pass
    finally:
        _print_summary(watching)


def _print_row(told: Told) -> None:
    from whenabouts.commands.watching import row

    print(json_text(row(told)), flush=True)


def _print_summary(watching: Watching) -> None:
    from whenabouts.cli.tables import clock

    board = watching.board
    seen = f"watched until {clock(watching.clock)}: {watching.pictures} pictures, {board.events} moments ended"
    print(f"whenabouts: {translate(seen)}", file=sys.stderr, flush=True)
