"""`whenabouts doctor`: whether the installation works, and whether a model keeps time."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text, visible
from whenabouts.commands.doctor import Doctor
from whenabouts.language import translate

STYLES = {"ok": "green", "absent": "dim", "doubtful": "yellow", "broken": "bold red"}


@takes(Doctor)
def doctor(
    command: Doctor,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the checks as JSON, fit for a report: without your name and home.")
    ] = False,
) -> None:
    """Check the installation; with --model, ask a model about a video whose length and events are known.

    The answers show whether a server loses the times of frames. The exit code is 1 when anything is broken.
    """
    from whenabouts.cli.console import Console

    with Console(stderr=True).status(translate("checking")):  # on a terminal
        checks = list(command.run())
    if as_json:
        print(json_text(without_user([asdict(check) for check in checks]), indent=2))
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


def without_user(value: Any) -> Any:
    """The value with `~` for the home of the user, and `USER` for their name where it is a part of another path."""
    if isinstance(value, str):
        home, name = str(Path.home()), ""
        with suppress(Exception):  # no variable and no entry in the system's list: KeyError, OSError, ImportError
            name = getuser()
        text = value.replace(home, "~") if len(home) > 1 else value
        return re.sub(rf"(?<=[/\\_-]){re.escape(name)}(?![\w.])", "USER", text) if name else text
    if isinstance(value, Mapping):
        return {key: without_user(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_user(each) for each in value]
    return value
