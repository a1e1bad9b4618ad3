"""Options of the command line are the fields of the commands: name, help, bounds, choices and default."""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from pydantic import Field
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.cli.find import find
from whenabouts.cli.library import index, search
from whenabouts.cli.options import takes
from whenabouts.cli.predict import predict
from whenabouts.commands import Command, Find, Index, Predict, Search
from whenabouts.evidence import KINDS


@pytest.mark.parametrize(("command", "function"), [(Find, find), (Search, search), (Index, index), (Predict, predict)])
def test_the_command_line_has_every_field_with_its_default_and_help(command: Any, function: Any) -> None:
    parameters = inspect.signature(function).parameters
    for name, field in command.model_fields.items():
        default = parameters[name].default
        if field.is_required():
            assert default is inspect.Parameter.empty, name
        elif field.default == {}:
            assert default is None, name
        else:
            assert (default.value if isinstance(default, Enum) else default) == field.default, name
        [info] = parameters[name].annotation.__metadata__
        assert info.help == field.description, name
        assert field.description and field.description.endswith("."), f"{name} has no help"


class Bake(Command):
    """A cake."""

    kind: str = Field(description="Kind of cake.")
    layers: int = Field(2, ge=1, le=9, description="Layers.")
    sweet: bool = Field(True, description="With sugar.")
    iced: bool = Field(False, description="With icing.")
    weight: float | None = Field(None, description="Weight in kilograms.")


@takes(Bake, arguments=["kind"])
def bake(command: Bake, out: Annotated[Path, typer.Option()] = Path("cake"), weight: float = 1.5) -> None:
    """Bake a cake."""
    typer.echo(f"{command!r} {out} {weight}")


def baked(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(bake)
    done = CliRunner().invoke(app, [*arguments])
    return done.exit_code, done.output


def test_a_function_gets_the_command_and_its_own_options() -> None:
    assert baked("plum", "--layers", "3", "--iced", "--out", "x") == (
        0, "Bake(kind='plum', layers=3, sweet=True, iced=True, weight=1.5) x 1.5\n"
    )  # fmt: skip
    assert baked("plum", "--no-sweet")[1].startswith("Bake(kind='plum', layers=2, sweet=False, iced=False")


@pytest.mark.parametrize("arguments", [["plum", "--layers", "10"], ["plum", "--no-iced"], []])
def test_wrong_usage_is_the_command_lines_own_error(arguments: list[str]) -> None:
    assert baked(*arguments)[0] == 2


def test_choices_are_those_of_the_registry() -> None:
    kinds = inspect.signature(find).parameters["evidence"].annotation
    [many] = [part for part in kinds.__origin__.__args__ if part is not type(None)]
    assert [choice.value for choice in many.__args__[0]] == list(KINDS)


def test_only_the_program_itself_installs_completion() -> None:
    commands: Any = typer.main.get_command(app)
    options = {name: [o for p in command.params for o in p.opts] for name, command in commands.commands.items()}
    assert not [name for name, known in options.items() if "--install-completion" in known]


def test_usage_lines_have_plain_metavars() -> None:
    from whenabouts.cli.app import app as program

    usage = CliRunner().invoke(program, ["find", "--help"], env={"COLUMNS": "120", "NO_COLOR": "1"}).output
    assert "find [OPTIONS] VIDEO [QUERY]..." in usage
