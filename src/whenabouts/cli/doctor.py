"""`whenabouts doctor`: whether the installation works, and whether a model keeps time."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text, visible
from whenabouts.commands.doctor import Doctor
from whenabouts.language import translate

STYLES = {"ok": "green", "absent": "dim", "doubtful": "yellow", "broken": "bold red"}


@takes(Doctor)
def doctor(
    command: Doctor, as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False
) -> None:
    """Check the installation; with --model, ask a model about a video whose length and events are known.

    The answers show whether a server loses the times of frames. The exit code is 1 when anything is broken.
    """
    from rich.console import Console

    with Console(stderr=True).status(translate("checking")):  # on a terminal
        checks = list(command.run())
    if as_json:
        print(json_text([asdict(check) for check in checks], indent=2))
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in ("what", "state", "found"):
            table.add_column(translate(column), overflow="fold")
        for check in checks:
            state = Text(translate(check.state), STYLES[check.state])
            table.add_row(translate(check.name), state, Text(visible(translate(check.told))))
        Console().print(table)
    if any(check.state == "broken" for check in checks):
        sys.exit(1)
