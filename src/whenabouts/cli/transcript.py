"""`whenabouts transcript VIDEO`: what is said in it, on the terminal or as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.handed import tell
from whenabouts.cli.isolation import Limits, Trusted, reading
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import visible
from whenabouts.commands.transcript import Transcribe


@takes(Transcribe)
def transcript(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A local video file.", show_default=False)],
    command: Transcribe,
    to: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="File to write: .txt, .docx, .pdf. Repeatable.", show_default=False),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Mark the moments of this output of `find --json`.", show_default=False),
    ] = None,
    trusted: Trusted = False,
    limits: Limits = None,
) -> None:
    """Write down what is said in VIDEO, with timecodes, speakers where lines name them, and moments marked.

    Subtitles are taken where there are any; else speech is recognised, which takes a while. Without --to the text is
    printed.
    """
    from whenabouts.interchange.exchange import read_predictions
    from whenabouts.interchange.transcript_files import text

    found = [] if answers is None else read_predictions(answers, video=video)
    with reading(limits, trusted=trusted), command.open(video) as opened, progress() as bar:
        written = command.run(opened, to or (), answers=found, progress=bar)
    tell(to or (), written.notes)
    if not to:
        print(visible(text(written.transcript)), end="")
