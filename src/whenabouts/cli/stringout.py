"""`whenabouts stringout ANSWERS… --to FILE`: a timeline of cuts for an editing program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.commands.stringout import Stringout
from whenabouts.language import translate


@takes(Stringout)
def stringout(
    answers: Annotated[
        list[Path],
        typer.Argument(
            metavar="ANSWERS…",
            help="Output of `find --json` or `search --json`, or a file in another format that can be read.",
            show_default=False,
        ),
    ],
    command: Stringout,
    to: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="File to write: .otio, .edl, .xml, .fcpxml. Repeatable.", show_default=False),
    ],
    video: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Path of the video, where the answers name none.", show_default=False),
    ] = None,
) -> None:
    """Lay the moments of ANSWERS one after another, on a timeline of cuts (selects) of the original videos.

    Several files, and several videos, make one timeline. Each cut is named after its query and has a marker over the
    moment itself; what is probably not in a video gives no cut.
    """
    from whenabouts.files.outputs import check_outputs
    from whenabouts.interchange.selects import read_answers

    check_outputs(to, [*answers, video])
    found = [each for path in answers for each in read_answers(path, video=video)]
    cuts = command.run(found, to, video=video)
    for note in cuts.notes:
        print(f"{translate('note')}: {translate(note)}", file=sys.stderr)
    for path in to:
        print(translate(f"wrote {path}"), file=sys.stderr)
