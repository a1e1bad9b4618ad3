"""`whenabouts leaderboard [DATASET]`: published figures, ranked only where they were counted alike."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from whenabouts.cli.document import AsJson, Out
from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text
from whenabouts.commands import Leaderboard
from whenabouts.language import translate

FIELDS = Leaderboard.model_fields


@takes(Leaderboard, arguments=["dataset"])
def leaderboard(
    command: Leaderboard,
    truth: Annotated[
        Path,
        typer.Option("--ground-truth", metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description),
    ] = FIELDS["truth"].default,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Rank published figures within one data set, split, version of truth, protocol and setting.

    Figures that were only quoted, or whose split or protocol is not stated, are listed and never ranked. Blind
    baselines stand in the same tables, with what each system was trained on.
    """
    import warnings

    from whenabouts.documents.text import text
    from whenabouts.files.outputs import check_outputs

    check_outputs([out], [command.place, command.train])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # they are the notes of the board
        board = command.run()
    document = board.document()
    if out is not None:
        from whenabouts.interchange.document_page import write_page

        print(translate(f"wrote {write_page(document, out, board.to_dict())}"), file=sys.stderr)
    if as_json:
        print(json_text(board.to_dict(), indent=2))
    else:
        print(text(document, translate, width=get_terminal_size().columns), end="")
