"""What a run can be resumed from, and whether it is the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["about", "load_state", "save_state"]


def about(head: Head, recipe: Recipe, examples: Sequence[FeatureExample], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a run, as plain values: the head, its recipe, its model, what it learns from, and the facts."""
    model = {name: value for name, value in head.options.items() if name != "config"}
    made = {
        "head": head.name,
        "recipe": {k: v for k, v in asdict(recipe).items() if k not in ("config", "options", "unlike")},
        "model": {**head.options["config"], **model},
        "data": {"examples": len(examples), "sha256": _digest(examples)},
        "facts": dict(facts),
    }
    plain: dict[str, Any] = json.loads(json.dumps(made))
    return plain


def _digest(examples: Sequence[FeatureExample]) -> str:
    """A hash of the annotations and of the sizes of the features."""
    told = hashlib.sha256()
    for e in examples:
        sizes = [e.video.shape, e.text.shape, None if e.sound is None else e.sound.shape]
        row = [str(e.example.qid), e.example.video, e.example.query, e.windows.tolist(), e.duration, sizes]
        told.update(json.dumps(row).encode())
        if e.example.saliency is not None:
            told.update(e.example.saliency.tobytes())
    return told.hexdigest()


def save_state(path: Path, made: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write what a run is resumed from. Atomic."""
    with replacing(path) as part:
        torch.save({"about": json.dumps(made), **state}, part)


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
    if before["data"] != now["data"]:
        counts = [each["data"]["examples"] for each in (before, now)]
        counted = f"{counts[0]} examples, not {counts[1]}"
        found.append(counted if counts[0] != counts[1] else "other annotations or features")
    return found


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
