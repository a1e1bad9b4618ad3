"""How a watch looks while it runs: lines for what happens, and on a terminal a table of the standing queries below."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from whenabouts.cli.tables import clock
from whenabouts.cli.terminal import visible
from whenabouts.commands.watching import Asked, Began, Clip, Standing, Told, Trouble, Watching
from whenabouts.grounders.stream.event import Event
from whenabouts.language import translate

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["line", "showing"]

STATES = {"started": "started", "updated": "goes on", "ended": "ended"}


def line(told: Told) -> str:
    """What is told in one line, in the language of the reader; empty for what needs no line."""
    match told:
        case Began():
            begun = f"{told.source}: {translate(f'watching with {told.model}; stop with Ctrl-C')}"
            return "\n".join([begun, *(_noted(query, notes) for query, notes in told.notes.items())])
        case Event():
            if told.state == "updated":
                return ""
            when = clock(told.start) if told.end is None else f"{clock(told.start)}–{clock(told.end)}"
            unseen = "" if told.seen_end else f" ({translate('the end was not seen')})"
            return f"{when}  {translate(STATES[told.state])}  “{told.query}”  {told.score:.2f}{unseen}"
        case Asked():
            now = translate("asked" if told.asked else "asked no longer")
            asked = f"{clock(told.time)}  {now}  “{told.query}”"
            return "\n".join([asked, *([_noted(told.query, told.notes)] if told.notes else [])])
        case Clip():
            lacks = f" ({translate(told.note)})" if told.note else ""
            return f"{clock(told.start)}–{clock(told.end)}  {translate(f'wrote {told.path}')}{lacks}"
        case Trouble():
            return f"{clock(told.time)}  {translate(f'{told.part} has trouble')}: {translate(told.text)}"
        case _:
            return f"{clock(told.time)}  {translate(told.text)}"


def _noted(query: str, notes: Sequence[str]) -> str:
    return "\n".join(f"“{query}”: {translate('note')}: {translate(note)}" for note in notes)


@contextmanager
def showing(watching: Watching, *, lines: bool) -> Iterator[None]:
    """Show a watch while the block runs. Without `lines` nothing but trouble and notices is said, on stderr."""
    if not lines:
        watching.listen(_say_trouble)
        yield
        return
    if not sys.stdout.isatty():
        watching.listen(_print_line)
        yield
        return
    from rich.live import Live

    from whenabouts.cli.console import Console

    console = Console()

    def say(told: Told) -> None:
        if text := line(told):
            console.print(text, markup=False, highlight=False, soft_wrap=True)

    with Live(get_renderable=lambda: _table(watching), console=console, refresh_per_second=4, transient=True):
        watching.listen(say)
        yield


def _print_line(told: Told) -> None:
    if text := line(told):
        print(text, flush=True)


def _say_trouble(told: Told) -> None:
    if not isinstance(told, Began | Event | Asked | Clip):
        print(line(told), file=sys.stderr, flush=True)


def _table(watching: Watching) -> Table:
    """The standing queries, each with what happens, and below how the watch itself stands."""
    from rich.table import Table
    from rich.text import Text

    board = watching.board
    table = Table(box=None, header_style="bold", pad_edge=False, caption=_state(watching), caption_justify="left")
    table.add_column(translate("query"), overflow="fold")
    for name in ("now", "last", "moments"):
        table.add_column(translate(name), no_wrap=True)
    for each in board.standing:
        now, last = _now(each), each.last
        since = Text(now, style="bold green" if each.going_on else "dim")
        before = "–".join(clock(each) for each in (last.start, last.end) if each is not None) if last else ""
        table.add_row(Text(visible(each.query)), since, before, str(each.moments))
    return table


def _now(standing: Standing) -> str:
    if not standing.going_on:
        return translate("nothing")
    return translate(f"happens since {clock(min(each.start for each in standing.going_on.values()))}")


def _state(watching: Watching) -> Any:
    from rich.text import Text

    board = watching.board
    parts = [clock(watching.clock), translate(f"{watching.rate:.1f} pictures a second")]
    if watching.wall.behind >= 1:
        parts.append(translate(f"{watching.wall.behind:.1f} s behind"))
    if board.lost:
        parts.append(translate("the source is away"))
    if board.troubles:
        parts.append(translate(f"{board.troubles} troubles"))
    return Text(" · ".join(parts), style="dim")
