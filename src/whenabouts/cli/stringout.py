"""`whenabouts stringout ANSWERS… --to FILE`: a timeline of cuts for an editing program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.handed import Answers, OfVideo, answers_in, tell
from whenabouts.cli.options import takes
from whenabouts.commands.stringout import Stringout


@takes(Stringout)
def stringout(
    answers: Answers,
    command: Stringout,
    to: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="File to write: .otio, .edl, .xml, .fcpxml. Repeatable.", show_default=False),
    ],
    video: OfVideo = None,
) -> None:
    """Lay the moments of ANSWERS one after another, on a timeline of cuts (selects) of the original videos.

    Several files, and several videos, make one timeline. Each cut is named after its query and has a marker over the
    moment itself; what is probably not in a video gives no cut.
    """
    from whenabouts.files.outputs import check_outputs

    check_outputs(to, [*answers, video])
    cuts = command.run(answers_in(answers, video), to, video=video)
    tell(to, cuts.notes)
