"""The program's help and usage errors in the language of the environment; in English nothing of this is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from whenabouts.language import ENGLISH, chosen, translate

__all__ = ["localised", "translated_errors"]

TYPER_WORDS = (
    "DEPRECATED_STRING",
    "DEFAULT_STRING",
    "ENVVAR_STRING",
    "REQUIRED_LONG_STRING",
    "ARGUMENTS_PANEL_TITLE",
    "OPTIONS_PANEL_TITLE",
    "COMMANDS_PANEL_TITLE",
    "ERRORS_PANEL_TITLE",
    "RICH_HELP",
)


def localised(command: Any) -> Any:
    """A command, or a group with its commands, whose help is translated."""
    if chosen() == ENGLISH:
        return command
    command.help = command.help and paragraphs(command.help)
    command.short_help = command.short_help and translate(command.short_help)
    usage, parameters = command.get_usage, command.get_params
    command.get_usage = lambda ctx: _with_typer_words(usage(ctx))
    command.get_params = lambda ctx: [_localise_parameter(each) for each in parameters(ctx)]
    if isinstance(commands := getattr(command, "commands", None), dict):
        for each in commands.values():
            localised(each)
    return command


def paragraphs(text: str) -> str:
    """A help text translated paragraph by paragraph, so that the breaking of lines in the source does not matter."""
    return "\n\n".join(translate(" ".join(each.split())) for each in text.split("\n\n"))


def _localise_parameter(parameter: Any) -> Any:
    if getattr(parameter, "help", None):
        parameter.help = paragraphs(parameter.help)
    if isinstance(getattr(parameter, "show_default", None), str):
        parameter.show_default = translate(parameter.show_default)
    return parameter


def _with_typer_words(usage: str) -> str:
    """A usage line, which stands before all else that Typer prints, but for errors without one."""
    _translate_typer_words()
    return usage.replace("Usage:", translate("Usage:"), 1)


def _translate_typer_words() -> None:
    """Typer's own words are module constants."""
    from typer import rich_utils

    rich_utils.Table, rich_utils.Columns = _folding()  # type: ignore[attr-defined]
    for name in TYPER_WORDS:
        setattr(rich_utils, name, translate(getattr(rich_utils, name)))


@cache
def _folding() -> tuple[Any, Any]:
    """Tables and columns that keep every letter.

    Rich takes a line of wide letters and the space at its end for too long, and cuts the last word short. A column that
    folds loses only the space.
    """
    from rich.columns import Columns
    from rich.table import Table

    def fold(table: Table) -> None:
        for column in table.columns:
            column.overflow = "fold"

    class FoldingTable(Table):
        def add_row(self, *cells: Any, **settings: Any) -> None:
            super().add_row(*cells, **settings)
            fold(self)

    class FoldingColumns(Columns):
        def __rich_console__(self, console: Any, options: Any) -> Any:
            for each in super().__rich_console__(console, options):
                if isinstance(each, Table):
                    fold(each)
                yield each

    return FoldingTable, FoldingColumns


@contextmanager
def translated_errors() -> Iterator[None]:
    """Usage errors raised in the block say the same in the language of the environment."""
    from typer._click.exceptions import NoArgsIsHelpError, UsageError

    try:
        yield
    except NoArgsIsHelpError:
        raise
    except UsageError as error:
        if chosen() == ENGLISH:
            raise
        _translate_typer_words()
        raise UsageError(translate(error.format_message()), ctx=error.ctx) from error
