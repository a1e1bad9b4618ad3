"""How a run was made, as far as its answers say: the five settings without which no two figures can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.auditing.checkpoint import called
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.predictions import Source
from whenabouts.files.records import read_lines

__all__ = ["STATED", "Made", "how_made"]

STATED = {  # the settings, by the names that they have in receipts
    "prompt": ("prompting", "prompt"),
    "frames per second": ("fps", "frames"),
    "pixel budget": ("pixels", "size"),
    "timestamps": ("stamps",),
    "parser": ("parser",),
}
LONGEST = 60  # characters of a setting


@dataclass(frozen=True, slots=True)
class Made:
    """What receipts say: each of STATED, None where they do not; and the name of the model, without its folder."""

    settings: Mapping[str, str | None]
    model: str | None


def how_made(predictions: Source) -> Made:
    """What the receipts of answers say; nothing of files that have none."""
    receipts = list(_receipts(predictions))
    models = dict.fromkeys(name for each in receipts for name in _names(each.get("models")))
    model = next((called(name.partition(":")[2] or name) for name in models), None)
    settings = [each["settings"] for each in receipts if isinstance(each.get("settings"), Mapping)]
    return Made({name: _shown(settings, names) for name, names in STATED.items()}, model)


def _receipts(predictions: Source) -> Sequence[Mapping[str, Any]]:
    if isinstance(predictions, Path):
        with suppress(AnnotationError):  # of files that are no JSON Lines
            return [one for row in read_lines(predictions) if isinstance(one := row.get("receipt"), Mapping)]
    return []


def _names(models: Any) -> list[str]:
    return [str(name) for name in models] if isinstance(models, Mapping) else []


def _shown(settings: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str | None:
    """The value of a setting in all answers; how many, where they are several."""
    for name in names:
        values = list(dict.fromkeys(str(one[name]) for one in settings if one.get(name) is not None))
        if len(values) > 1:
            return f"{len(values)} different values"
        if values:
            first = " ".join(values[0].split())
            return first if len(first) <= LONGEST else f"{first[:LONGEST]}…"
    return None
