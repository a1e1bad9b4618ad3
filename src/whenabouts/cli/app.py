"""The `whenabouts` program: its commands, and the one place where errors become an exit code.

Exit codes: 0 success, 1 an error that is reported in one sentence, 2 wrong usage, 70 a bug, 130 interrupted.
A command is imported only when it is used, so that the program starts quickly.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from whenabouts.cli.language import localised, translated_errors
from whenabouts.cli.places import keep_in_cache
from whenabouts.cli.quiet import quiet_libraries
from whenabouts.cli.terminal import drop_output, open_streams, tolerant_output
from whenabouts.cli.usage import PlainUsage
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.files.storage import storage_error
from whenabouts.language import translate
from whenabouts.logs import DEBUG, FORMAT, Format, choose, debugging
from whenabouts.version import __version__

ISSUES = "https://github.com/whenabouts/whenabouts/issues"
BUG = 70  # exit code: EX_SOFTWARE of sysexits.h
COMMANDS = {
    "find": "whenabouts.cli.find:find",
    "select": "whenabouts.cli.select:select",
    "watch": "whenabouts.cli.watch:watch",
    "verify": "whenabouts.cli.bundle:verify",
    "replay": "whenabouts.cli.bundle:replay",
    "export": "whenabouts.cli.export:export",
    "stringout": "whenabouts.cli.stringout:stringout",
    "clips": "whenabouts.cli.clips:clips",
    "scenes": "whenabouts.cli.scenes:scenes",
    "transcript": "whenabouts.cli.transcript:transcript",
    "edit": "whenabouts.cli.edit:edit",
    "demo": "whenabouts.cli.demo:demo",
    "index": "whenabouts.cli.library:index",
    "search": "whenabouts.cli.library:search",
    "library": "whenabouts.cli.library:library",
    "serve": "whenabouts.cli.serve:serve",
    "users": "whenabouts.cli.users:users",
    "mcp": "whenabouts.cli.mcp:mcp",
    "predict": "whenabouts.cli.predict:predict",
    "evaluate": "whenabouts.cli.evaluate:evaluate",
    "leaderboard": "whenabouts.cli.leaderboard:leaderboard",
    "compare": "whenabouts.cli.compare:compare",
    "calibrate": "whenabouts.cli.calibrate:calibrate",
    "stress": "whenabouts.cli.stress:stress",
    "audit": "whenabouts.cli.audit:audit",
    "diagnose": "whenabouts.cli.diagnose:diagnose",
    "parse": "whenabouts.cli.parse:parse",
    "dataset": "whenabouts.cli.dataset:dataset",
    "models": "whenabouts.cli.models:models",
    "doctor": "whenabouts.cli.doctor:doctor",
    "features": "whenabouts.cli.features:features",
    "train": "whenabouts.cli.train:train",
    "pack": "whenabouts.cli.pack:pack",
    "curate": "whenabouts.cli.curate:curate",
    "post-train": "whenabouts.cli.post_train:post_train",
}
WITHOUT_ARGUMENTS = {
    "demo",
    "serve",
    "mcp",
    "parse",
    "models",
    "leaderboard",
    "doctor",
}  # the others print their help without arguments


class _Commands(Mapping[str, Any]):
    """`COMMANDS` as a mapping for Typer, which imports a command when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = name
            return localised(group)
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name, cls=PlainUsage, no_args_is_help=name not in WITHOUT_ARGUMENTS)(found)
        return localised(typer.main.get_command(single))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Program(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()  # type: ignore[assignment]  # only read
        localised(self)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, without importing them."""
        return list(COMMANDS)

    def make_context(self, *names: Any, **settings: Any) -> Any:
        """The options before the name of a command."""
        with translated_errors():
            return super().make_context(*names, **settings)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest of the command line, and run the command."""
        with translated_errors():
            return super().invoke(ctx)


app = typer.Typer(
    name="whenabouts",
    cls=_Program,
    help="Find when the events of a sentence happen in videos.",
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
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar=DEBUG, help="Log everything, with tracebacks, to standard error.")
    ] = False,
    log: Annotated[
        Format | None,
        typer.Option(envvar=FORMAT, help="Log what is done, without queries or paths.", show_default=False),
    ] = None,
) -> None:
    choose(debug, log)
    keep_in_cache()
    if not debug:
        quiet_libraries()


def main(program: Callable[[], Any] = app) -> None:
    """Run the program: the entry point of the console script."""
    heard = open_streams()
    tolerant_output()
    try:
        if not heard:
            raise InputError("standard output is closed, so an answer would be lost; send it to a file or to /dev/null")
        try:
            program()
        finally:  # also where it ends with an exit code
            sys.stdout.flush()
    except WhenaboutsError as error:
        _tell(translate(str(error)), error)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"whenabouts: {translate('interrupted')}", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of the output has ended, as in `| head`
        drop_output()
        sys.exit(0)
    except MemoryError as error:
        _tell(translate("there is not enough memory for this"), error)
        sys.exit(1)
    except Exception as error:
        if told := storage_error(error):
            drop_output()
            _tell(translate(str(told)), error)
            sys.exit(1)
        found = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        _tell(translate(f"this is a bug ({found}); `whenabouts --debug` shows where, {ISSUES} takes reports"), error)
        sys.exit(BUG)


def _tell(sentence: str, error: BaseException) -> None:
    if debugging():
        traceback.print_exception(error)
    print(f"whenabouts: {sentence}", file=sys.stderr)
