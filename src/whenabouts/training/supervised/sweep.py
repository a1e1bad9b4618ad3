"""Several runs that differ in some settings, each in a folder of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.files.atomic import replacing
from whenabouts.training.supervised.train import BestModel

__all__ = ["SweptRun", "best_first", "folder_names", "write_sweep"]

FILE = "sweep.jsonl"


@dataclass(frozen=True)
class SweptRun:
    """What was set in a run, and the figure that its model was kept by; None where nothing was evaluated."""

    settings: Mapping[str, Any]
    best: BestModel
    figure: float | None


def folder_names(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name for each of several runs, of what differs between them.

    >>> folder_names([{"rate": 1e-4, "hidden": 64}, {"rate": 2e-4, "hidden": 64}])
    ['rate=0.0001', 'rate=0.0002']
    """
    differ = [name for name in settings[0] if any(each[name] != settings[0][name] for each in settings)]
    names = [",".join(f"{name}={each[name]}" for name in differ) for each in settings]
    plain = [re.sub(r"[^\w.=,+-]+", "_", name) for name in names]
    return [name if plain.count(name) == 1 else f"{name}_{number}" for number, name in enumerate(plain, 1)]


def best_first(runs: Sequence[SweptRun]) -> list[SweptRun]:
    """The runs by their figure; those without one last."""
    return sorted(runs, key=lambda run: float("-inf") if run.figure is None else run.figure, reverse=True)


def write_sweep(folder: Path, runs: Sequence[SweptRun]) -> Path:
    """Write the runs that are done, best first, as JSON Lines. Atomic."""
    path = folder / FILE
    rows = [
        {"set": dict(run.settings), "model": str(run.best.path), "epoch": run.best.epoch, "figure": run.figure}
        | {"scores": run.best.scores}
        for run in best_first(runs)
    ]
    with replacing(path) as part:
        part.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path
