"""`whenabouts verify BUNDLE` and `whenabouts replay BUNDLE VIDEO`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.tables import print_predictions
from whenabouts.cli.terminal import json_text
from whenabouts.commands.bundle import Replay, Verify
from whenabouts.language import translate


@takes(Verify, arguments=["bundle"])
def verify(
    command: Verify,
    video: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also check that this is the video.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check that no file of an evidence bundle was changed, added or removed.

    Exits with 1 if anything is wrong. Whoever can change a bundle can write a new manifest too: only with the --digest
    that was kept elsewhere is that found.
    """
    from whenabouts.video import Video

    if video is None:
        found = command.run()
    else:
        with Video(video) as opened:
            found = command.run(opened)
    if as_json:
        print(json_text(asdict(found) | {"sound": found.sound}, indent=2))
    else:
        for problem in found.problems:
            print(translate(problem))
        if found.manifest is not None and found.sound:
            count = len(found.manifest.entries)
            print(translate(f"every file is as it was written: {count} of them, by version {found.manifest.version}"))
        if found.digest is not None:
            print(f"{translate('digest')}: {found.digest}")
    if not found.sound:
        sys.exit(1)


@takes(Replay, arguments=["bundle"])
def replay(
    command: Replay,
    video: Annotated[Path, typer.Option(metavar="FILE", help="The video of the bundle.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers and what differs as JSON.")] = False,
) -> None:
    """Ask again what an evidence bundle answers, with the same model and settings.

    Exits with 0 if the answers are the same, and with 1 if anything differs, which is printed.
    """
    from whenabouts.video import Video

    with Video(video) as opened, progress() as bar:
        found = command.run(opened, progress=bar)
    if as_json:
        answers = [each.to_dict() for each in found.predictions]
        print(json_text({"same": found.same, "differences": found.differences, "predictions": answers}, indent=2))
    else:
        print_predictions(found.predictions)
        for difference in found.differences or ("the answers are the same",):
            print(translate(difference))
    if not found.same:
        sys.exit(1)
