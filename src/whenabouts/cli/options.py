"""Options of the command line, generated from the fields of a command so that each is written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import wraps
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

from whenabouts.commands.choices import OneOf

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from whenabouts.commands import Command

__all__ = ["takes"]

Cli = Callable[..., None]


def takes(
    command: type[Command], *, arguments: Sequence[str] = (), without: Iterable[str] = ()
) -> Callable[[Cli], Cli]:
    """A decorator that replaces the parameter `command` of a function by options, one for each field of `command`.

    The function is called with a command made from the options, and with its other parameters. A parameter with the
    name of a field is used for this field. Name, help, bounds, choices and default of an option are those of the field.

    arguments: fields that become positional arguments
    without:   fields that get no option and keep their defaults
    """

    def decorate(function: Cli) -> Cli:
        hints = get_type_hints(function, include_extras=True)
        own = inspect.signature(function).parameters
        hidden = {*own, *without}
        made = {
            name: _parameter(name, field, name in arguments)
            for name, field in command.model_fields.items()
            if name not in hidden
        }
        given = [name for name in command.model_fields if name in own]
        parameters: list[inspect.Parameter] = []
        for name, parameter in own.items():
            parameters += made.values() if name == "command" else [parameter.replace(annotation=hints[name])]

        @wraps(function)
        def run(**values: Any) -> None:
            options = {name: plain for name in made if (plain := _plain(values.pop(name))) is not None}
            return function(command=command.of(**options, **{name: values[name] for name in given}), **values)

        signature = inspect.Signature([each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters])
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        del run.__wrapped__
        return run

    return decorate


def _parameter(name: str, field: FieldInfo, argument: bool) -> inspect.Parameter:
    kind = _type(name, field.annotation)
    default = inspect.Parameter.empty if field.is_required() else _as_choice(field.default, kind)
    shown: dict[str, Any] = {
        "help": field.description,
        "show_default": default not in (None, [], inspect.Parameter.empty),
    }
    for constraint in field.metadata:
        shown |= {
            low: getattr(constraint, high) for low, high in (("min", "ge"), ("max", "le")) if hasattr(constraint, high)
        }
    if argument:
        many = get_origin(kind) is list
        info: Any = typer.Argument(metavar=(_singular(name) if many else name).upper(), **shown)
    else:
        flag = "--" + name.replace("_", "-")
        info = typer.Option(*([flag] if field.default is False else []), **shown)
    if not field.is_required() and field.default is None:
        kind = kind | None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info])


def _type(name: str, annotation: Any) -> Any:
    """A type that Typer supports: a plain type, a list of one, or an enumeration of choices."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        choices = next((each.names for each in parts[1:] if isinstance(each, OneOf)), None)
        return _type(name, parts[0] if choices is None else Literal[tuple(choices)])
    if origin in (Union, UnionType):
        [kind] = [part for part in parts if part is not NoneType]
        return _type(name, kind)
    if origin in (list, tuple):
        return list[_type(name, parts[0])]  # type: ignore[misc]
    if origin is Literal:
        return Enum(name, {choice: choice for choice in parts}, type=str)
    return annotation


def _as_choice(default: Any, kind: Any) -> Any:
    return kind(default) if isinstance(kind, type) and issubclass(kind, Enum) and default is not None else default


def _plain(value: Any) -> Any:
    """A value for the field; None for what was not given, which keeps its default."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [_plain(each) for each in value] or None
    return value


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
