"""Settings of a cache policy, checked by the types that their fields are declared with."""

from __future__ import annotations

import math
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from whenabouts.errors import ModelError

if TYPE_CHECKING:
    from whenabouts.grounders.stream.cache.policy import CachePolicy

__all__ = ["LEAST", "check"]

LEAST = "least"  # in the metadata of a field: the smallest whole number, where that is not 1


def check(policy: CachePolicy) -> None:
    """Raise ModelError for a value of another type than its field, a count below 1, and a number that is not finite."""
    for field in fields(policy):  # type: ignore[arg-type]  # policies are dataclasses
        if field.init:
            _check(policy.name, field, getattr(policy, field.name))


def _check(policy: str, field: Field[Any], value: Any) -> None:
    declared, _, optional = str(field.type).partition(" | ")
    if optional and value is None:
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    least = field.metadata.get(LEAST, 1)
    if declared == "int" and not (whole and value >= least):
        raise ModelError(
            f"the cache policy {policy} needs {field.name} to be a whole number of {least} or more, got {value!r}"
        )
    if declared == "float" and not ((whole or isinstance(value, float)) and math.isfinite(value)):
        raise ModelError(f"the cache policy {policy} needs {field.name} to be a finite number, got {value!r}")
    if declared == "bool" and not isinstance(value, bool):
        raise ModelError(f"the cache policy {policy} needs {field.name} to be true or false, got {value!r}")
    if declared not in {"int", "float", "bool"} and not isinstance(value, str):
        raise ModelError(f"the cache policy {policy} needs {field.name} to be a word, got {value!r}")
