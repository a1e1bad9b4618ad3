"""Errors of the package as values, so that one raised in a child is the same error here: its class, words and facts."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from whenabouts import errors
from whenabouts.errors import WhenaboutsError

__all__ = ["Fault", "raised", "told"]

PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Fault:
    """An error: the name of its class, its arguments, its other attributes, and what a person reads of it."""

    kind: str
    arguments: tuple[Any, ...]
    facts: dict[str, Any]
    words: str


def told(error: Exception) -> Fault:
    """An error as a value; what is not plain in it becomes text."""
    kind = type(error).__name__
    if not isinstance(error, WhenaboutsError):
        return Fault(kind, (), {}, f"{kind}: {error}")
    arguments = tuple(each if isinstance(each, PLAIN) else str(each) for each in error.args)
    facts = {name: value for name, value in vars(error).items() if isinstance(value, PLAIN)}
    return Fault(kind, arguments, facts, str(error))


def raised(fault: Fault) -> WhenaboutsError | None:
    """The error that a fault tells of; None where it is none that whenabouts raises on purpose.

    A class that is an OSError or ImportError too keeps in C what those are given, which only they can set.
    """
    if fault.kind not in errors.__all__:
        return None
    made: type[WhenaboutsError] = getattr(errors, fault.kind)
    builtin = next(base for base in made.__mro__ if base.__module__ == builtins.__name__)
    error = made.__new__(made, *fault.arguments)
    builtin.__init__(error, *fault.arguments)  # type: ignore[misc]  # not of a subclass: of the type itself
    vars(error).update(fault.facts)
    return error
