"""Functions by name, as a process tells its child which one to call."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["name_of", "named"]


def name_of(function: Callable[..., Any] | str) -> str:
    """The module of a function and its name there; a name as it is.

    >>> name_of(named)
    'whenabouts.isolation.names:named'
    """
    return function if isinstance(function, str) else f"{function.__module__}:{function.__qualname__}"


def named(name: str) -> Callable[..., Any]:
    """The function of that name."""
    module, _, attributes = name.partition(":")
    found: Any = import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    return found  # type: ignore[no-any-return]
