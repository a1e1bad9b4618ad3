"""Make a published figure of a video-language model again, and say how far it is from what was published.

    python scripts/reproduce.py time-r1 charades-sta --annotations data/ --videos charades/ --download
    python scripts/reproduce.py timelens timelens-bench --checkpoint TimeLens-8B/ --annotations data/ --videos videos/

An interrupted run goes on where it stopped. The report is in `reproduced/SYSTEM-BENCHMARK/`, or in the folder that
`--out` names.
"""

from __future__ import annotations

import typer

from whenabouts.cli.app import main
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import resumable
from whenabouts.commands.reproduce import Reproduce

program = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@program.command()
@takes(Reproduce, arguments=["system", "benchmark"])
def reproduce(command: Reproduce) -> None:
    """Ask a published checkpoint about a split as its authors do, score it as they do, and compare."""
    with resumable(), progress() as bar:
        made = command.run(progress=bar)
    print(made.markdown())


if __name__ == "__main__":
    main(program)
