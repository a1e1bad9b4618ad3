"""What a run can be resumed from, and whether it is the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe
from whenabouts.training.supervised.judge import Judge

__all__ = ["about", "digest", "load_state", "save_state"]


def about(
    head: Head,
    recipe: Recipe,
    examples: Sequence[FeatureExample],
    facts: Mapping[str, Any],
    judge: Judge | None = None,
    precision: str = "no",
) -> dict[str, Any]:
    """What makes a run, as plain values: the head, its recipe, its model, what it learns from, the facts, the judge."""
    model = {name: value for name, value in head.options.items() if name != "config"}
    held_out: Sequence[FeatureExample] = () if judge is None else judge.seen()
    made = {
        "head": head.name,
        "recipe": {k: v for k, v in asdict(recipe).items() if k not in ("config", "options", "unlike")},
        "model": {**head.options["config"], **model},
        "data": {"examples": len(examples), "sha256": digest(examples)},
        "validation": {"examples": len(held_out), "sha256": digest(held_out)},
        "precision": precision,
        "facts": dict(facts),
    }
    plain: dict[str, Any] = json.loads(json.dumps(made))
    return plain


def digest(examples: Sequence[FeatureExample]) -> str:
    """A hash of all that a head and its judge see of examples: annotations, and every number of the features.

    Rows that examples of one video share, one after another, are hashed once.
    """
    told, last = hashlib.sha256(), [_Hashed(None)] * 3
    for e in examples:
        of = e.example
        rated = [None if part is None else part.tolist() for part in (of.clip_ids, of.clips, of.saliency)]
        row = [str(of.qid), of.video, of.query, e.windows.tolist(), e.duration, of.group, of.absent, e.labels, rated]
        parts = (e.video, e.text, e.sound)
        last = [old if old.is_of(part) else _Hashed(part) for old, part in zip(last, parts, strict=True)]
        told.update(json.dumps([row, [part.digest for part in last]]).encode())
    return told.hexdigest()


class _Hashed:
    """An array with its hash."""

    def __init__(self, array: NDArray[np.float32] | None) -> None:
        self.array = array
        stored = not isinstance(array, np.ndarray)  # rows that stay on the disk are told by their file, or None
        content = repr(array).encode() if stored else np.ascontiguousarray(array).data
        self.digest = [None if array is None else array.shape, hashlib.sha256(content).hexdigest()]

    def is_of(self, array: NDArray[np.float32] | None) -> bool:
        """Whether the array is the same place in memory, which this keeps alive."""
        if self.array is None or array is None:
            return self.array is array
        if not (isinstance(self.array, np.ndarray) and isinstance(array, np.ndarray)):
            return bool(self.array == array)
        return self.array.shape == array.shape and self.array.__array_interface__ == array.__array_interface__


def save_state(path: Path, made: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write what a run is resumed from. Atomic."""
    with replacing(path) as part, part.open("wb") as file:  # by name, torch would not say that the disk is full
        torch.save({"about": json.dumps(made), **state}, file)


def load_state(path: Path, made: Mapping[str, Any]) -> dict[str, Any]:
    """What `save_state` wrote. Raises InputError for a damaged file, and for another run, with the difference."""
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        before = json.loads(state["about"])
    except Exception as error:  # a damaged file ends in errors of any kind
        raise InputError(f"{path} is damaged; delete it to train from the beginning") from error
    if unlike := _differences(before, made):
        raise InputError(
            f"{path} is of a run that differs: {'; '.join(unlike)}; resume it as it was, or choose another folder"
        )
    return state


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Each value that is not the same, as NAME BEFORE, not NOW."""
    if before["head"] != now["head"]:
        return [f"head {before['head']}, not {now['head']}"]
    found = []
    for part in ("recipe", "model", "facts"):
        names = [name for name in {**before[part], **now[part]} if name != "set"]  # whose effect is in the values
        pairs = [(name, before[part].get(name), now[part].get(name)) for name in names]
        found += [f"{name} {_shown(old)}, not {_shown(new)}" for name, old, new in pairs if old != new]
    if before.get("precision", "no") != now["precision"]:
        found.append(f"precision {before.get('precision', 'no')}, not {now['precision']}")
    for part, what in {"data": "", "validation": " for validation"}.items():
        old, new = before.get(part), now[part]
        if old is not None and old != new:
            counted = f"{old['examples']} examples{what}, not {new['examples']}"
            found.append(counted if old["examples"] != new["examples"] else f"other annotations or features{what}")
    return found


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
