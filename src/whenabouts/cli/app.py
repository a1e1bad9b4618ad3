"""The `whenabouts` program: its commands, and the one place where errors become an exit code.

Exit codes: 0 done, 1 a deliberate error told in one sentence, 2 wrong usage, 130 interrupted.
Commands import what they need when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys

import typer

from whenabouts import __version__
from whenabouts.cli.curate import curate
from whenabouts.cli.dataset import dataset
from whenabouts.cli.demo import demo
from whenabouts.cli.diagnose import diagnose
from whenabouts.cli.evaluate import evaluate
from whenabouts.cli.export import export
from whenabouts.cli.features import features
from whenabouts.cli.find import find
from whenabouts.cli.library import index, library, search
from whenabouts.cli.mcp import mcp
from whenabouts.cli.models import models
from whenabouts.cli.parse import parse
from whenabouts.cli.post_train import post_train
from whenabouts.cli.predict import predict
from whenabouts.cli.serve import serve
from whenabouts.cli.train import train
from whenabouts.errors import WhenaboutsError

app = typer.Typer(
    name="whenabouts",
    help="When in this video does this sentence happen?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"whenabouts {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


app.command(no_args_is_help=True)(find)
app.command(no_args_is_help=True)(export)
app.command()(demo)
app.command(no_args_is_help=True)(index)
app.command(no_args_is_help=True)(search)
app.add_typer(library)
app.command()(serve)
app.command()(mcp)
app.command(no_args_is_help=True)(predict)
app.command(no_args_is_help=True)(evaluate)
app.command(no_args_is_help=True)(diagnose)
app.command()(parse)
app.add_typer(dataset, name="dataset")
app.command()(models)
app.command(no_args_is_help=True)(features)
app.command(no_args_is_help=True)(train)
app.command(no_args_is_help=True)(curate)
app.command(name="post-train", no_args_is_help=True)(post_train)


def main() -> None:
    """Run the program; the console script of the package."""
    try:
        app()
    except WhenaboutsError as error:
        print(f"whenabouts: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("whenabouts: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
