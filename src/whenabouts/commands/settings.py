"""Settings of an online model as a person types them: `hop=2`, `policy=livevlm`, `options.budget=6000`."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticCustomError

from whenabouts.commands.command import QUERY_ERROR

__all__ = ["read_settings"]


def read_settings(given: Any) -> Any:
    """A list of NAME=VALUE as a dict; a name with a dot is a setting within one. Anything else is left as it is.

    A value is read as JSON where it is any, else as text. Raises PydanticCustomError, one sentence.

    >>> read_settings(["hop=2", "policy=livevlm", "options.budget=6000", "options.ratio=0.4"])
    {'hop': 2, 'policy': 'livevlm', 'options': {'budget': 6000, 'ratio': 0.4}}
    """
    if given is None:
        return {}
    if not isinstance(given, list | tuple):
        return given
    settings: dict[str, Any] = {}
    for text in given:
        name, equals, value = str(text).partition("=")
        *outer, last = name.strip().split(".")
        if not equals or not all([*outer, last]):
            raise _refused(text)
        inner = settings
        for part in outer:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise _refused(text)
        inner[last] = _value(value.strip())
    return settings


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _refused(text: object) -> PydanticCustomError:
    return PydanticCustomError(QUERY_ERROR, f"a setting of the model is written NAME=VALUE, not {str(text)!r}")
