"""A recipe beside that of its authors, value by value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from whenabouts.grounders.learned.fields import FIXED
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["Row", "beside"]


@dataclass(frozen=True)
class Row:
    """A value here and there, where the latter was read, and whether they differ."""

    field: str
    ours: str
    official: str
    source: str
    differs: bool


def beside(
    ours: Head,
    recipe: Recipe,
    official: Head,
    published: Recipe,
    *,
    borrowed: str | None = None,
    judged: str | None = None,
) -> list[Row]:
    """All values: of the training, of the model, and the weights of its losses.

    borrowed: the benchmark that the recipe was published for, where it is another: then nothing is shown as published
    judged:   the split that chooses the model
    """
    here, there = _values(ours, recipe), _values(official, published)
    rows = []
    for name in dict.fromkeys([*there, *here]):
        value, other = _shown(here.get(name)), _shown(there.get(name))
        said = published.unlike.get(name)
        rows.append(Row(name, value, said or other, published.source, bool(said) or value != other))
    if judged is not None:
        said = published.unlike.get("judged on", judged)
        rows.append(Row("judged on", judged, said, published.source, said != judged))
    if borrowed is None:
        return rows
    return [replace(row, official="–", source=f"{borrowed}: {row.source}") for row in rows]


def _values(head: Head, recipe: Recipe) -> dict[str, Any]:
    training = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name not in FIXED}
    options = {name: value for name, value in head.options.items() if name != "config"}
    weights: Mapping[str, float] = getattr(head, "weighting", head.loss_weights)
    config = asdict(head.config)
    ordered = {**training, **config, **options, **{f"weight of {name}": w for name, w in weights.items()}}
    return ordered | config | training  # an option of the same name is made of them


def _shown(value: Any) -> str:
    return "–" if value is None else str(tuple(value) if isinstance(value, list) else value)
