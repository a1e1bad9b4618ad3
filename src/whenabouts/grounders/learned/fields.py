"""Any field of a recipe or of a model by name, as a person types it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from itertools import product
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError

from whenabouts.errors import InputError
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["Setting", "changed", "combinations", "settable", "value_of"]

OF_DATA = ("video_dim", "text_dim", "audio_dim", "classes")  # given by the features and the annotations
SIZES = ("longest", "grid", "latest", "clip_seconds")  # arguments of heads that are lengths: clips, or seconds
FIXED = ("config", "options", "source", "unlike")


@dataclass(frozen=True)
class Setting:
    """Where a field lies, and the type of its values."""

    part: Literal["recipe", "config", "options"]
    type: Any


def settable(kind: type[Head]) -> dict[str, Setting]:
    """Every field of the recipe, of the head's configuration and of its keyword arguments; earlier ones win."""
    found: dict[str, Setting] = {}
    recipe = get_type_hints(Recipe, include_extras=True)
    config = get_type_hints(kind.config_class, include_extras=True)
    for field in fields(Recipe):
        if field.name not in FIXED:
            found[field.name] = Setting("recipe", recipe[field.name])
    for field in fields(kind.config_class):
        if field.name not in OF_DATA:
            found.setdefault(field.name, Setting("config", config[field.name]))
    for base in kind.__mro__:
        if "__init__" in vars(base) and issubclass(base, Head):
            hints = get_type_hints(base.__init__, include_extras=True)
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in OF_DATA:
                    found.setdefault(name, Setting("options", hints[name]))
    return found


def changed(kind: type[Head], recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """The recipe with these values, which are checked.

    Raises InputError, one sentence, for an unknown name, with names near it, and for a value of another type.
    """
    known, parts = settable(kind), {"recipe": {}, "config": {}, "options": {}}  # type: ignore[var-annotated]
    for name, value in values.items():
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.5) or list(known)
            raise InputError(f"{kind.name} has no setting {name!r}; near it are: {', '.join(near)}")
        parts[known[name].part][name] = checked = _checked(name, value, known[name].type)
        if known[name].part != "recipe":
            _check_size(name, checked, recipe, getattr(kind.config_class, name, None))
    made = recipe.changed(config=parts["config"], options=parts["options"], **parts["recipe"])
    if made.schedule == "step" and not made.drop:
        raise InputError(f"{made.schedule} needs drop, the epochs between its steps; give it, or set schedule=constant")
    return made


def _check_size(name: str, value: Any, recipe: Recipe, default: Any) -> None:
    """Raises InputError where nothing of that size can be: counts are 1 or more, but for parts that may be missing."""
    usual = recipe.config.get(name, default)
    counts = isinstance(value, int) and not isinstance(value, bool) and isinstance(usual, int) and usual > 0
    if (counts or name in SIZES) and value is not None and value <= 0:
        raise InputError(f"{name} cannot be {value!r}: it must be more than 0")


def _checked(name: str, value: Any, hint: Any) -> Any:
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
        reason = message[0].lower() + message[1:]
        raise InputError(f"{name} cannot be {value!r}: {reason}") from None


def combinations(texts: Sequence[str]) -> list[dict[str, Any]]:
    """All combinations of the values of NAME=VALUE and NAME=VALUE,VALUE…; one empty combination where there are none.

    A value is read as JSON where it is any, else as text; `none` is none. Raises InputError for any other form.

    >>> combinations(["rate=1e-4,2e-4", "kernels=[5,5]"])
    [{'rate': 0.0001, 'kernels': [5, 5]}, {'rate': 0.0002, 'kernels': [5, 5]}]
    """
    choices: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        split = _apart(values)
        if not (name and equals and all(split)):
            raise InputError(f"{text!r} is no setting; write NAME=VALUE, or NAME=VALUE,VALUE to try each")
        if name in choices:
            raise InputError(f"{name} is set twice; give all its values at once: {name}=VALUE,VALUE")
        choices[name] = [value_of(value) for value in split]
        if twice := next((value for i, value in enumerate(split) if choices[name].index(choices[name][i]) < i), None):
            raise InputError(f"{name} is to be {twice} twice; give each value once")
    return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]


def value_of(text: str) -> Any:
    """A value as a person types it."""
    if text.lower() == "none":
        return None
    try:
        return json.loads(text)
    except ValueError:
        return {"true": True, "false": False}.get(text.lower(), text)


def _apart(text: str) -> list[str]:
    """Split at commas outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
